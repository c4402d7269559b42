import os
from pathlib import Path

import pytest

from chorus.embedded.account import Account
from chorus.embedded.places import LONGEST_SOCKET_FOLDER, Places, places_for
from chorus.errors import EmbeddedError

OURS = Account()
A_STRANGER = Account(12345, 12345)


def test_a_short_plain_home_holds_its_socket() -> None:
    assert Places(Path("/srv/chorus/postgres")).socket == Path("/srv/chorus/postgres/socket")


@pytest.mark.parametrize("name", ["x" * 90, "é" * 40, "a,b", "a b", "a'b", "a%20b", "a$b", "a:b"])
def test_any_other_home_gets_a_socket_elsewhere(name: str) -> None:
    socket = Places(Path("/srv") / name / "postgres").socket
    assert not socket.is_relative_to("/srv")
    assert len(os.fsencode(socket)) <= LONGEST_SOCKET_FOLDER
    assert str(socket).isascii()
    assert socket == Places(Path("/srv") / name / "postgres").socket
    assert socket != Places(Path("/srv") / name / "other").socket


def test_we_keep_all_of_it_in_the_home(tmp_path: Path) -> None:
    assert places_for(tmp_path, OURS).base == tmp_path / "postgres"


def test_what_another_user_cannot_reach_lies_elsewhere(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    places = places_for(tmp_path, A_STRANGER)
    assert not places.base.is_relative_to(tmp_path)
    assert places == places_for(tmp_path, A_STRANGER)
    assert places != places_for(tmp_path / "another", A_STRANGER)


def test_data_stay_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    tmp_path.chmod(0o700)
    assert places_for(tmp_path, A_STRANGER).base == tmp_path / "postgres"


def test_a_link_in_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir(mode=0o755)
    (tmp_path / "link").symlink_to(precious)
    with pytest.raises(EmbeddedError, match="belongs to somebody else"):
        OURS.make_folder(tmp_path / "link")
    assert precious.stat().st_mode & 0o777 == 0o755
