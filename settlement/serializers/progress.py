"""How far a claim is: its clock, the queue, its papers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class StepOut(serializers.Serializer[Any]):
    """One state the claim was in."""

    state = serializers.CharField()
    state_label = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    days = serializers.IntegerField(help_text="自然日")


class MissingOut(serializers.Serializer[Any]):
    """One thing that is missing now, and what to do."""

    code = serializers.CharField()
    what = serializers.CharField()
    todo = serializers.CharField()


class ClockOut(serializers.Serializer[Any]):
    """兑付进度."""

    number = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    waiting_for = serializers.CharField(help_text="现由谁办理")
    step_due = serializers.DateField(allow_null=True, help_text="本环节期限")
    overdue = serializers.BooleanField(help_text="本环节是否已逾期")
    steps = StepOut(many=True)
    days_in_all = serializers.IntegerField(help_text="自首次提交起的自然日")
    queue = serializers.CharField(help_text="所在队列；不在排队的为空")
    place = serializers.IntegerField(allow_null=True, help_text="在队列中的位置，1为最先")
    expected_batch = serializers.CharField(help_text="预计列入的批次")
    outlook = serializers.CharField(help_text="预计何时到账，或者为何还不能预计")
    missing = MissingOut(many=True)
    requested = serializers.DecimalField(max_digits=14, decimal_places=2, help_text="申请兑付的金额，元")
    approved = serializers.DecimalField(
        max_digits=14, decimal_places=2, allow_null=True, help_text="审定金额，元；尚未审定的为空"
    )
    paid = serializers.DecimalField(
        max_digits=14, decimal_places=2, allow_null=True, help_text="已支付金额，元；尚未支付的为空"
    )


class QueuedOut(serializers.Serializer[Any]):
    """One claim in its place."""

    place = serializers.IntegerField()
    id = serializers.UUIDField()
    number = serializers.CharField()
    provider_name = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    approved = serializers.DecimalField(max_digits=14, decimal_places=2, help_text="审定金额，元")
    submitted_at = serializers.DateTimeField()
    cleared_at = serializers.DateTimeField(allow_null=True)
    carried_into = serializers.IntegerField(allow_null=True)


class QueueOut(serializers.Serializer[Any]):
    """Both queues, the first first; place is the place among all, also for a provider who sees only its own."""

    for_batch = QueuedOut(many=True)
    for_payment = QueuedOut(many=True)


class PaymentPaperOut(serializers.Serializer[Any]):
    """One paper of the pack."""

    group = serializers.CharField(help_text="类别")
    name = serializers.CharField()
    detail = serializers.CharField()
    sm3 = serializers.CharField(help_text="内容摘要；没有文件的为空")


class PackOut(serializers.Serializer[Any]):
    """结算材料 as the platform made it."""

    number = serializers.CharField()
    contract = serializers.CharField()
    digest = serializers.CharField(help_text="服务商签署内容的SM3；提交前为空")
    requested = serializers.DecimalField(max_digits=14, decimal_places=2, help_text="申请兑付的金额，元")
    papers = PaymentPaperOut(many=True)
