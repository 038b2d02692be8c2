"""Files as wholes: complete or not there, known by their bytes, and never able to reach beyond themselves."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading

import pytest

from gaitload.errors import DataError
from gaitload.io.files import held, require_content, write_aside, write_text_aside
from gaitload.io.xml import parse_xml

HOLDER = """
import sys, time
from gaitload.io.files import held
with held(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_file_takes_its_place_only_when_it_is_complete(tmp_path):
    path = tmp_path / "deep" / "labels.sto"
    with write_aside(path) as aside:
        aside.write_text("new")
        assert aside.parent == path.parent
        assert aside.suffix == ".sto"
        assert not path.exists()
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "labels.sto"
    path.write_text("old")
    with pytest.raises(RuntimeError), write_aside(path) as aside:
        aside.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_that_wrote_nothing_is_a_failure(tmp_path):
    with pytest.raises(FileNotFoundError), write_aside(tmp_path / "x"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_text_is_written_as_given(tmp_path):
    write_text_aside(tmp_path / "x.txt", "Größe\n")
    assert (tmp_path / "x.txt").read_bytes() == "Größe\n".encode()


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(DataError, match=r"FILE_MISSING.*a folder"):
        require_content(tmp_path)


def test_an_empty_file_has_no_content(tmp_path):
    (tmp_path / "x").touch()
    with pytest.raises(DataError, match="FILE_EMPTY"):
        require_content(tmp_path / "x")


@pytest.fixture
def parse(tmp_path):
    def parse(content: bytes):
        path = tmp_path / "model.osim"
        path.write_bytes(content)
        return parse_xml(path)

    return parse


def test_plain_xml_is_parsed(parse):
    root = parse(
        b"<?xml version='1.0'?><OpenSimDocument><!-- <!DOCTYPE x> --><Model name='m'/></OpenSimDocument>"
    ).getroot()
    assert root.find("Model").get("name") == "m"


def test_an_external_entity_is_refused_before_it_is_read(parse, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    content = f'<!DOCTYPE m [<!ENTITY e SYSTEM "{secret.as_uri()}">]><m>&e;</m>'
    with pytest.raises(DataError, match=r"XML_ENTITY.*model.osim"):
        parse(content.encode())


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE m><m/>",
        b'<!DOCTYPE m SYSTEM "http://localhost/m.dtd"><m/>',
        b'<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><m>&b;</m>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE m [<!ENTITY a "a">]><m>&a;</m>'.encode("utf-16"),
    ],
)
def test_any_document_type_is_refused_in_any_encoding(parse, content):
    with pytest.raises(DataError, match="XML_ENTITY"):
        parse(content)


@pytest.mark.parametrize("content", [b"<m>", b"no xml", b"<m>&undefined;</m>"])
def test_broken_xml_is_refused(parse, content):
    with pytest.raises(DataError, match=r"XML_BROKEN.*model.osim"):
        parse(content)


def test_a_large_document_is_no_trouble(parse):
    # One text longer than the 10 MB that lxml takes by default, as embedded meshes have.
    assert len(parse(b"<m>" + b"1 " * 6_000_000 + b"</m>").getroot().text) == 12_000_000


def test_a_file_is_held_by_one_alone_until_its_process_is_gone(tmp_path):
    path = tmp_path / "deep" / ".walk.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    waited = threading.Event()

    def wait() -> None:
        with held(path) as holds:
            assert holds
            waited.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not waited.wait(0.3)
    holder.kill()
    holder.communicate()
    assert waited.wait(10)
    waiting.join()
    assert list(path.parent.iterdir()) == []


def test_where_there_are_no_locks_work_goes_on_without(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with held(tmp_path / ".lock") as holds:
        assert not holds
    assert list(tmp_path.iterdir()) == []


def test_whoever_waited_holds_the_file_that_the_next_will_find(tmp_path):
    path, found = tmp_path / ".lock", []

    def wait() -> None:
        with held(path):
            found.append(path.exists())

    waiting = threading.Thread(target=wait)
    with held(path):
        waiting.start()
        waiting.join(0.5)
        assert not found
    waiting.join(30)
    assert found == [True], "a third would make a file of its own, and hold that at the same time"
