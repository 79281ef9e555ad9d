"""Kinds of organisations and the roles of DOMAIN section 4 that the thread needs."""

from __future__ import annotations

from django.db.models import TextChoices


class OrganisationKind(TextChoices):
    ENTERPRISE = "enterprise", "企业"
    PROVIDER = "provider", "服务商"
    CENTRE = "centre", "促进中心"
    DEPARTMENT = "department", "工业和信息化厅"
    FINANCE = "finance", "财政厅"
    CITY = "city", "市级工信/财政"
    SUPERVISOR = "supervisor", "第三方监督"
    EXPERT = "expert", "评审专家"
    PLATFORM = "platform", "平台运维"


PARTIES = (OrganisationKind.ENTERPRISE, OrganisationKind.PROVIDER)
OFFICES = (OrganisationKind.CENTRE, OrganisationKind.DEPARTMENT, OrganisationKind.FINANCE)


class Role(TextChoices):
    ENTERPRISE_AGENT = "EO", "企业经办"
    ENTERPRISE_SIGNATORY = "EL", "企业授权签署人"
    PROVIDER_AGENT = "PO", "服务商经办"
    PROVIDER_SIGNATORY = "PL", "服务商签署人"
    CENTRE_CHECKER = "CO", "促进中心经办"
    CENTRE_REVIEWER = "CR", "促进中心复核"
    DEPARTMENT = "DP", "厅职能处室"
    APPROVER = "AP", "厅审定"
    FINANCE = "FN", "财政厅"
    SUPERVISOR = "SV", "第三方监督"
    CITY = "CT", "市级工信/财政"
    EXPERT = "EX", "专家"
    SYSTEM_ADMIN = "SA", "系统管理员"
    SECURITY_ADMIN = "SE", "安全管理员"
    AUDITOR = "AU", "审计管理员"


# Which roles people of an organisation may hold. The three administrators are platform people and
# nothing else (三员分立); none of them sees business data.
ROLES_OF: dict[str, frozenset[str]] = {
    OrganisationKind.ENTERPRISE: frozenset({Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY}),
    OrganisationKind.PROVIDER: frozenset({Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY}),
    OrganisationKind.CENTRE: frozenset({Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER}),
    OrganisationKind.DEPARTMENT: frozenset({Role.DEPARTMENT, Role.APPROVER}),
    OrganisationKind.FINANCE: frozenset({Role.FINANCE}),
    OrganisationKind.CITY: frozenset({Role.CITY}),
    OrganisationKind.SUPERVISOR: frozenset({Role.SUPERVISOR}),
    OrganisationKind.EXPERT: frozenset({Role.EXPERT}),
    OrganisationKind.PLATFORM: frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR}),
}
PARTY_ROLES = frozenset(role for kind in PARTIES for role in ROLES_OF[kind])


class LetterStanding(TextChoices):
    """How an authorisation letter stands on a day."""

    COMING = "coming", "尚未生效"
    IN_FORCE = "in_force", "有效"
    EXPIRED = "expired", "已过期"
    WITHDRAWN = "withdrawn", "已撤销"


SIGNATORIES = frozenset({Role.ENTERPRISE_SIGNATORY, Role.PROVIDER_SIGNATORY})
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
OFFICERS = frozenset(
    {Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.APPROVER, Role.FINANCE, Role.SUPERVISOR}
)
