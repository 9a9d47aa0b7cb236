"""Reports of evaluations in the admin."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from recommendations import conf, report_files

RELEASES = "/admin/recommendations/indexrelease/"


def make_report(name: str, words: str = "A report") -> Path:
    """Write something like a report."""
    folder = conf.report_dir() / name
    (folder / "pictures").mkdir(parents=True)
    (folder / "index.html").write_text(f"<!doctype html><p>{words}", "utf-8")
    (folder / "style.css").write_text("p { color: red }", "utf-8")
    (folder / "pictures" / "0000.webp").write_bytes(b"RIFF")
    (folder / "secret.txt").write_text("not for you", "utf-8")
    return folder


@pytest.mark.django_db
@pytest.mark.usefixtures("colours")
def test_the_latest_report_is_a_link_above_the_releases(admin_client: Client) -> None:
    assert "latest report" not in admin_client.get(RELEASES).content.decode()
    make_report("20261101-080000", "old")
    make_report("20261102-080000", "new")
    (conf.report_dir() / ".making-x").mkdir()
    (conf.report_dir() / "30000101-000000").mkdir()
    assert report_files.latest_report() == "20261102-080000"
    assert f'href="{RELEASES}reports/20261102-080000/"' in admin_client.get(RELEASES).content.decode()
    page = admin_client.get(f"{RELEASES}reports/20261102-080000/")
    assert b"new" in b"".join(page.streaming_content)  # type: ignore[attr-defined]
    assert page["Content-Type"].startswith("text/html")
    assert "unsafe-inline" not in page["Content-Security-Policy"]


@pytest.mark.django_db
def test_its_style_and_pictures_are_served_as_what_they_are(admin_client: Client) -> None:
    make_report("a")
    for file, kind in (("style.css", "text/css; charset=utf-8"), ("pictures/0000.webp", "image/webp")):
        found = admin_client.get(f"{RELEASES}reports/a/{file}")
        assert (found.status_code, found["Content-Type"]) == (200, kind)
        found.close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "a/secret.txt",
        "a/pictures/..%2fsecret.txt",
        "a/../../releases/x/index.html",
        "..%2freports/index.html",
        "%2e%2e/index.html",
        "a/pictures/0001.webp",
        "b/",
        "a/pictures/",
    ],
)
def test_nothing_else_is_served(admin_client: Client, path: str) -> None:
    make_report("a")
    assert admin_client.get(f"{RELEASES}reports/{path}").status_code == 404


@pytest.mark.parametrize("name", ["..", "", ".making-x", "a/b", "a\0", "x" * 65, "a\n"])
def test_names_that_could_lead_elsewhere_are_no_reports(name: str) -> None:
    make_report("a")
    assert report_files.find_file(name, "index.html") is None
    assert report_files.find_file("a", "../a/index.html") is None
    assert report_files.find_file("a", "index.html\n") is None
    assert report_files.find_file("a", "index.html") is not None


@pytest.mark.django_db
def test_reports_are_for_staff_who_may_see_releases(client: Client) -> None:
    make_report("a")
    address = f"{RELEASES}reports/a/"
    assert client.get(address)["Location"].startswith("/admin/login/")
    user = User.objects.create_user("ada", password="x")
    client.force_login(user)
    assert client.get(address).status_code == 302
    user.is_staff = True
    user.save()
    assert client.get(address).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_indexrelease"))
    page = client.get(address)
    assert page.status_code == 200
    page.close()


def test_without_a_folder_there_is_no_report() -> None:
    assert report_files.latest_report() is None
