"""Every write of the accreditation room: `rounds`, `filing`, `checking`, `experts`, `panels`, `scoring`, `deciding`,
`showing`. Take the acts from the module: `from accreditation.services import filing`.
"""
