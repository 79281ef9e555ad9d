"""What a password must be, in Chinese: Django's own sentence has no translation."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator


class LongEnough(MinimumLengthValidator):
    """At least `min_length` characters."""

    def get_error_message(self) -> str:
        """Said to whoever chose a shorter one."""
        return f"密码过短，至少须有{self.min_length}个字符。"

    def get_help_text(self) -> str:
        """Said beforehand."""
        return f"密码至少须有{self.min_length}个字符。"
