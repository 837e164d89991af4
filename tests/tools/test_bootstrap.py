"""What script/bootstrap installs, on pretended machines of several distributions."""

import subprocess
from pathlib import Path

import pytest
from pretended_machine import BOOTSTRAP, Machine, offers

DEBIAN_12 = offers(
    golang_go="2:1.19~1",
    libboost_dev="1.74.0.3",
    libboost_url_dev="1.74.0.3",
    libboost1__74_dev="1.74.0+ds1-21",
    libboost1__81_dev="1.81.0-5",
    libboost_url1__81_dev="1.81.0-5",
    openjdk_17_jdk_headless="17.0.17+10-1~deb12u1",
    cargo="0.66.0+ds1-1",
    rustc="1.63.0+dfsg1-2",
    rustfmt="1.63.0+dfsg1-2",
    rust_clippy="1.63.0+dfsg1-2",
    cargo_web="1.96.0+dfsg1-1~deb12u1",
    rustc_web="1.96.0+dfsg1-1~deb12u1",
    rustfmt_web="1.96.0+dfsg1-1~deb12u1",
    rust_web_clippy="1.96.0+dfsg1-1~deb12u1",
)
DEBIAN_13_AS_RELEASED = offers(
    golang_go="2:1.24~2",
    libboost_dev="1.83.0.2+b2",
    libboost_url_dev="1.83.0.2+b2",
    libboost1__88_dev="1.88.0-1.1",
    libboost_url1__88_dev="1.88.0-1.1",
    openjdk_21_jdk_headless="21.0.13.1+2-1~deb13u1",
    openjdk_25_jdk_headless="25.0.1+8-1~deb13u1",
    cargo="1.85.1+dfsg1-1+deb13u1",
    rustc="1.85.0+dfsg3-1",
    rustfmt="1.85.0+dfsg3-1",
    rust_clippy="1.85.0+dfsg3-1",
)
DEBIAN_13 = DEBIAN_13_AS_RELEASED | {
    name: "1.96.0+dfsg1-1~deb13u1"
    for name in ("cargo-web", "rustc-web", "rustfmt-web", "rust-web-clippy")
}
DEBIAN_SID = offers(
    golang_go="2:1.26~1",
    libboost_dev="1.92.0.1",
    libboost_url_dev="1.92.0.1",
    openjdk_17_jdk_headless="17.0.21.0.3+1-1",
    openjdk_21_jdk_headless="21.0.13.0.3+1-1",
    cargo="1.97.1+dfsg1-1",
    rustc="1.97.1+dfsg1-1",
    rustfmt="1.97.1+dfsg1-1",
    rust_clippy="1.97.1+dfsg1-1",
)
UBUNTU_24 = offers(
    golang_go="2:1.22~2build1",
    libboost_dev="1.83.0.1ubuntu2",
    libboost_url_dev="1.83.0.1ubuntu2",
    openjdk_17_jdk_headless="17.0.17+10-1~24.04",
    openjdk_21_jdk_headless="21.0.9+10-1~24.04",
    cargo="1.75.0+dfsg0ubuntu1-0ubuntu7.4",
    rustc="1.75.0+dfsg0ubuntu1-0ubuntu7.4",
    rustfmt="1.75.0+dfsg0ubuntu1-0ubuntu7.4",
    rust_clippy="1.75.0+dfsg0ubuntu1-0ubuntu7.4",
    cargo_1__83="1.83.0+dfsg0ubuntu1~bpo2-0ubuntu0.24.04",
    cargo_1__89="1.89.0+dfsg~24.04-0ubuntu0.24.04.2",
)

RUST = {"cargo", "rustc", "rustfmt", "rust-clippy"}
RUST_WEB = {"cargo-web", "rustc-web", "rustfmt-web", "rust-web-clippy"}
BOOST = {"libboost-dev", "libboost-url-dev"}
JDK_17, JDK_21 = "openjdk-17-jdk-headless", "openjdk-21-jdk-headless"
ANYWHERE = set(offers()) | {"golang-go"}


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (DEBIAN_12, {"libboost1.81-dev", "libboost-url1.81-dev", JDK_17} | RUST_WEB),
        (DEBIAN_13, BOOST | {JDK_21} | RUST_WEB),
        (DEBIAN_SID, BOOST | {JDK_17} | RUST),
        # No package fits there: what the default one would be.
        (UBUNTU_24, BOOST | {JDK_17} | RUST),
    ],
    ids=["bookworm", "trixie", "sid", "noble"],
)
def test_packages_are_chosen_by_their_versions(
    tmp_path: Path, offered: dict[str, str], chosen: set[str]
) -> None:
    machine = Machine(tmp_path, offered)
    listed = machine.listed()
    assert set(listed) == ANYWHERE | chosen
    assert len(listed) == len(set(listed))
    assert not machine.asked_of_apt_get()


def test_less_is_needed_for_less(tmp_path: Path) -> None:
    machine = Machine(tmp_path, DEBIAN_13)
    demo, cassandra, test = (set(machine.listed(what)) for what in ("demo", "cassandra", "test"))
    assert demo < cassandra < test
    assert BOOST <= demo
    assert JDK_21 not in demo
    assert {JDK_21, "cargo-web", "rustc-web", "maven"} <= cassandra - demo


def test_the_list_is_the_same_when_the_lists_of_apt_are_gone(tmp_path: Path) -> None:
    before = Machine(tmp_path / "before", DEBIAN_13)
    chosen = before.listed()
    present = {name: DEBIAN_13[name] for name in chosen}
    assert Machine(tmp_path / "after", {}, installed=present).listed() == chosen


def test_what_is_installed_and_fits_is_kept(tmp_path: Path) -> None:
    present = {
        JDK_17: "17.0.9+9-1",  # of the release before
        "libboost1.88-dev": "1.88.0-1.1",
        "libboost-url1.88-dev": "1.88.0-1.1",
    }
    listed = Machine(tmp_path, DEBIAN_13, installed=present).listed()
    assert present.keys() < set(listed)
    assert not (BOOST | {JDK_21}) & set(listed)


@pytest.mark.parametrize("version", ["17.0.9", "21", "21.0.1"])
def test_a_jdk_of_the_user_is_used(tmp_path: Path, version: str) -> None:
    machine = Machine(tmp_path, DEBIAN_13)
    machine.add_jdk(tmp_path / "jdk", version)
    assert JDK_21 not in machine.listed(JAVA_HOME=str(tmp_path / "jdk"))
    (machine.bin / "java").symlink_to(tmp_path / "jdk" / "bin" / "java")
    assert JDK_21 not in machine.listed()


@pytest.mark.parametrize("version", ["11.0.2", "25.0.1", "170.1"])
def test_a_jdk_that_does_not_fit_is_not_used(tmp_path: Path, version: str) -> None:
    machine = Machine(tmp_path, DEBIAN_13)
    machine.add_jdk(tmp_path / "jdk", version)
    assert JDK_21 in machine.listed(JAVA_HOME=str(tmp_path / "jdk"))


@pytest.mark.parametrize(
    ("version", "is_used"), [("1.88.0", True), ("1.95.0", True), ("1.87.0", False)]
)
def test_a_rust_of_the_user_is_used_if_it_is_new_enough(
    tmp_path: Path, version: str, is_used: bool
) -> None:
    machine = Machine(tmp_path, DEBIAN_13)
    machine.add_rust(version)
    assert ("cargo-web" in machine.listed()) is not is_used


@pytest.mark.parametrize(
    ("version", "is_used"), [("1.18.10", False), ("1.19", True), ("1.26.8", True)]
)
def test_a_go_of_the_user_is_used_if_it_is_new_enough(
    tmp_path: Path, version: str, is_used: bool
) -> None:
    machine = Machine(tmp_path, DEBIAN_13)
    machine.add_go(version)
    assert ("golang-go" in machine.listed()) is not is_used


def test_what_an_update_brings_is_chosen_and_only_what_is_missing_installed(tmp_path: Path) -> None:
    machine = Machine(
        tmp_path, DEBIAN_13_AS_RELEASED, installed={"g++": "1"}, after_update=DEBIAN_13
    )
    done = machine.run("cassandra")
    assert done.returncode == 0, done.stderr
    update, install = machine.asked_of_apt_get()
    assert update.startswith("update")
    assert {"cargo-web", "rustc-web", JDK_21} < set(install.split())
    assert {"--no-remove", "--no-upgrade"} < set(install.split())
    assert not {"cargo", "rustc", "g++"} & set(install.split())

    assert machine.run("cassandra").returncode == 0
    assert len(machine.asked_of_apt_get()) == 2, "the second time, nothing was to do"


@pytest.mark.parametrize(
    ("offered", "remedy"),
    [
        (UBUNTU_24, "install cargo-1.89 rustc-1.89 rustfmt-1.89 rust-1.89-clippy"),
        (DEBIAN_13_AS_RELEASED, "rustup"),
    ],
)
def test_a_distribution_without_a_rust_gets_the_rest_and_a_remedy(
    tmp_path: Path, offered: dict[str, str], remedy: str
) -> None:
    machine = Machine(tmp_path, offered)
    done = machine.run("test")
    assert done.returncode == 1
    assert "no package of this distribution brings Rust 1.88 or newer" in done.stderr
    assert remedy in done.stderr
    install = machine.asked_of_apt_get()[-1].split()
    assert "libboost-dev" in install
    assert "cargo" not in install

    machine.add_rust("1.89.0")
    assert machine.run("test").returncode == 0


def test_what_no_package_brings_is_named(tmp_path: Path) -> None:
    lost = {JDK_21, "libboost-url-dev", "libboost-url1.88-dev"}
    offered = {name: version for name, version in DEBIAN_13.items() if name not in lost}
    done = Machine(tmp_path, offered).run("test")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "bootstrap: no package of this distribution brings Boost 1.81 or newer",
        "bootstrap: no package of this distribution brings a JDK 17 or 21",
        "bootstrap: set JAVA_HOME to a JDK 17 or 21 from elsewhere",
    ]


def test_a_refusal_of_apt_get_is_shown(tmp_path: Path) -> None:
    machine = Machine(tmp_path, DEBIAN_13)
    machine.refuse_to_install("The following packages will be REMOVED: cargo rustc")
    done = machine.run("test")
    assert done.returncode == 1
    assert "REMOVED: cargo rustc" in done.stderr
    assert "never removes or upgrades" in done.stderr


@pytest.mark.parametrize("suite", [["etch"], [""], []])
def test_an_unknown_suite_is_refused(suite: list[str]) -> None:
    tool = BOOTSTRAP.parents[1] / "tools" / "try_in_empty_debian"
    done = subprocess.run([tool, "--suite", *suite], capture_output=True, text=True)
    assert done.returncode == 2
    assert "there are bookworm, trixie and sid" in done.stderr
