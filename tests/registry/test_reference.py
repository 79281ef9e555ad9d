import pytest

from registry import reference, selectors


def test_guangxi_has_14_cities_and_111_counties():
    levels = [region.level for region in reference.regions().values()]
    assert {level: levels.count(level) for level in set(levels)} == {"region": 1, "city": 14, "county": 111}


def test_every_county_lies_in_a_city_of_the_table():
    cities = {code for code, region in reference.regions().items() if region.level == "city"}
    assert {region.parent for region in reference.regions().values() if region.level == "county"} == cities


@pytest.mark.parametrize(
    ("code", "name", "city"),
    [
        ("450103", "青秀区", "450100"),
        ("450100", "南宁市", "450100"),
        ("450000", "广西壮族自治区", ""),
        ("451400", "崇左市", "451400"),
    ],
)
def test_a_region_knows_its_city(code, name, city):
    region = selectors.region(code)
    assert region is not None
    assert (region.name, region.city_code) == (name, city)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("450103", "南宁市青秀区"),
        ("450100", "南宁市"),
        ("450000", "广西壮族自治区"),
        ("440100", "440100"),
    ],
)
def test_a_place_is_said_with_its_city(code, said):
    assert selectors.place_name(code) == said


def test_another_province_is_unknown():
    assert selectors.region("440100") is None


@pytest.mark.parametrize(("code", "division"), [("13", "13"), ("3611", "36"), ("431", "43")])
def test_a_manufacturing_code_has_its_division(code, division):
    industry = selectors.industry(code)
    assert industry is not None
    assert industry.code == division


@pytest.mark.parametrize("code", ["12", "44", "0610", "1", "36111", "３６", "C36", "", "3\x00"])
def test_other_codes_are_not_manufacturing(code):
    assert selectors.industry(code) is None


def test_the_divisions_are_13_to_43():
    assert list(reference.industries()) == [str(code) for code in range(13, 44)]


def test_only_newly_listed_is_derived():
    assert [kind.code for kind in reference.title_kinds().values() if kind.derived] == [reference.NEWLY_LISTED]


def test_reference_data_cannot_be_changed():
    with pytest.raises(TypeError):
        reference.regions()["999999"] = None  # type: ignore[index]
