"""Tables of participants in the spellings of laboratories, and why a table says nothing."""

from __future__ import annotations

import zipfile

import pytest

from gaitload.cohorts.tables import TrialRow
from gaitload.discovery.files import tables_above
from gaitload.discovery.masses import stated_of
from gaitload.discovery.sheets import Stated, describe_sheets, form_of, people_in, sheets_in
from gaitload.io.spreadsheet import read_sheet


def read(tmp_path, text: str, name: str = "people.csv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return sheets_in(tmp_path, [name])


@pytest.mark.parametrize(
    "text",
    [
        "id,mass,height\nS1,70,1.8\n",
        "Subject ID;Body mass (kg);Stature (cm)\nS01;70,0;180\n",
        "Participant\tWeight [kg]\tHeight [mm]\nsub-S1\t70\t1800\n",
        "Code,Weight (lbs),Height (in)\nS1,154.3236,70.866\n",
        "Proband;Gewicht;Größe\nS1;70;180\n",
        "Name\tBody weight [N]\tHeight [mm]\nS1\t686.4655\t1800\n",
        "Probandennummer;Körpergröße (cm);Körpergewicht (kg)\nS1;180,0;70,0\n",
        "Sujeto;Peso (kg);Talla (m)\nS1;70,0;1,80\n",
        "Försöksperson\tVikt\tLängd\nS1\t70\t180\n",
        "Study of walking,,\nrecorded 2021,,\nPatient,Mass_kg,Height\nS1,70 kg,1.80 m\n",
        "ID,Weight in kg,Height in cm\nS1,70,180\n",
        "Proband;Gewicht in kg;Größe in m\nS1;70;1,80\n",
        "ID,Weight in lbs,Height in inches\nS1,154.3236,70.866\n",
        "subject,Weight_lb,Height\nS1,154.3236,5'10.866\"\n",
    ],
)
def test_mass_and_height_are_read_in_kg_and_m(tmp_path, text):
    found = people_in(read(tmp_path, text))
    assert found["s1"].mass_kg == pytest.approx(70.0, abs=0.01)
    assert found["s1"].height_m == pytest.approx(1.8, abs=0.001)


@pytest.mark.parametrize(
    ("column", "text", "sex"),
    [
        ("sex", "m", "M"),
        ("sex", "Female", "F"),
        ("Geschlecht", "w", "F"),
        ("Geschlecht", "männlich", "M"),
        ("Kön", "kvinna", "F"),
        ("sexo", "mujer", "F"),
        ("sexo", "masculino", "M"),
        ("sexo", "hombre", "M"),
        ("sexo", "M", None),
        ("sex", "unknown", None),
    ],
)
def test_sex_is_read_or_left_open(tmp_path, column, text, sex):
    assert people_in(read(tmp_path, f"id,mass,{column}\nS1,70,{text}\n"))["s1"].sex == sex


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_table_is_read_in_any_encoding_of_a_spreadsheet(tmp_path, encoding):
    (tmp_path / "people.csv").write_bytes("Proband;Größe;Gewicht\r\nMüller;180;70\r\n".encode(encoding))
    found = people_in(sheets_in(tmp_path, ["people.csv"]))
    assert (found["muller"].height_m, found["muller"].mass_kg) == (1.8, 70.0)


@pytest.mark.parametrize(
    ("name", "text", "mass_kg", "height_m"),
    [
        ("info.txt", "Subject 7\nBody mass: 80.5 kg\nBody height: 181 cm\nFoot length: 27 cm\n", 80.5, 1.81),
        ("info.txt", "Gewicht = 72,5\r\nGröße = 1,75\r\nAlter = 30\r\n", 72.5, 1.75),
        ("one.csv", "mass_kg,height_m\n70,1.8\n", 70.0, 1.8),
        ("one.csv", "Weight (lb);176.3698\nHeight (in);70.866\n", 80.0, 1.8),
        ("sessionMetadata.yaml", "framerate: 60\nheight_m: 1.83\nmass_kg: 84.9\nsquareSideLength_mm: 35\n", 84.9, 1.83),
        ("plates.txt", "Height of the plate: 100 mm\nMass of load: 20 kg\n", None, None),
        ("all.txt", "Ann\nMass: 60\nBob\nMass: 80\n", None, None),
        ("notes.txt", "", None, None),
    ],
)
def test_a_form_about_one_person_says_mass_and_height(tmp_path, name, text, mass_kg, height_m):
    (tmp_path / name).write_text(text, encoding="cp1252", newline="")
    form = form_of(tmp_path / name)
    assert form.mass_kg == pytest.approx(mass_kg, abs=0.01)
    assert form.height_m == pytest.approx(height_m, abs=0.001)


def test_an_id_that_is_a_number_is_the_one_participant_with_that_number():
    rows = [
        TrialRow(participant_id=who, trial_id=str(number), role="motion", activity="walk", file=f"{number}.c3d")
        for number, who in enumerate(("Proband_07", "VP8", "WT8", "S9a", "10"))
    ]
    stated = {number: Stated("t.csv", float(number), None, None) for number in ("7", "8", "9", "10")}
    assert {who: one.mass_kg for who, one in stated_of(rows, stated).items()} == {"Proband_07": 7, "S9a": 9, "10": 10}


def test_columns_of_other_masses_and_heights_are_no_body(tmp_path):
    found = people_in(read(tmp_path, "id,shoe mass,seat height,mass,height\nS1,0.3,45,70,1.8\n"))
    assert (found["s1"].mass_kg, found["s1"].height_m) == (70.0, 1.8)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("time,x\n0,1\n", "no column for ids"),
        ("subject,age\nS1,30\n", "no column for mass or height"),
        ("subject,mass\nS1,none\n", "no row with an id and a plausible mass"),
        ("", "no column for ids"),
    ],
)
def test_a_table_that_says_nothing_of_people_says_why(tmp_path, text, why):
    sheets = read(tmp_path, text)
    assert why in sheets[0].why_not
    assert describe_sheets(sheets, {})[0].startswith("people.csv: no table of participants")


def test_people_that_nobody_recorded_are_told(tmp_path):
    sheets = read(tmp_path, "id,mass\nA1,70\nA2,80\n")
    assert "none of its 2 people (a1, a2, ...) is a participant; not used" in describe_sheets(sheets, {})[0]
    used = {"A1": Stated("people.csv", 70.0, None, None)}
    assert describe_sheets(sheets, used) == ["people.csv: mass and height of 1 of its 2 people are used"]


def test_a_table_of_people_above_the_recordings_is_found(tmp_path):
    (tmp_path / "recordings").mkdir()
    (tmp_path / "Participants 2021.csv").write_text("id,mass\nS1,70\n")
    (tmp_path / "other.csv").write_text("id,mass\nS1,80\n")
    tables = tables_above(tmp_path / "recordings")
    assert tables == ["../Participants 2021.csv"]
    assert people_in(sheets_in(tmp_path / "recordings", tables))["s1"].mass_kg == 70.0


NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def workbook(path, rows: str, strings: str = ""):
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet {NS}><sheetData>{rows}</sheetData></worksheet>")
        if strings:
            book.writestr("xl/sharedStrings.xml", f"<sst {NS}>{strings}</sst>")
    return path


def test_a_workbook_of_excel_is_a_table(tmp_path):
    rows = (
        '<row><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>'
        '<row><c r="A2" t="inlineStr"><is><t>S1</t></is></c><c r="C2"><v>70.5</v></c></row>'
    )
    workbook(tmp_path / "people.xlsx", rows, "<si><t>id</t></si><si><r><t>ma</t></r><r><t>ss</t></r></si>")
    assert read_sheet(tmp_path / "people.xlsx") == [["id", "", "mass"], ["S1", "", "70.5"]]
    assert people_in(sheets_in(tmp_path, ["people.xlsx"]))["s1"].mass_kg == 70.5


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04junk", b"no workbook"])
def test_what_is_no_workbook_says_nothing(tmp_path, content):
    (tmp_path / "people.xlsx").write_bytes(content)
    with pytest.raises(ValueError, match=r"people\.xlsx"):
        read_sheet(tmp_path / "people.xlsx")
    assert sheets_in(tmp_path, ["people.xlsx"])[0].people == {}


def test_a_workbook_with_entities_is_not_opened(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>')
    with pytest.raises(ValueError, match="XML_ENTITY"):
        read_sheet(tmp_path / "a.xlsx")
