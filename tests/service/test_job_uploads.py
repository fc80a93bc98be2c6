"""Jobs of uploads: sent over a real socket, read by a real worker, and gone when they are done."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pictures import jpeg
from tests.service.running import Service, assert_problem, running, wait_until
from tests.service.uploading import job_of, left_behind, reflagged, send, sent, work, zipped

MANIFEST = b"id,image,title\nm1,pictures/1.jpg,Mug\nm2,pictures/2.jpg,Cup\n"
SHOP = {
    "catalogue.csv": MANIFEST,
    "pictures/1.jpg": jpeg(1),
    "pictures/2.jpg": jpeg(2),
}
BOUNDARY = "multipart/form-data; boundary=b"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that takes little, for all the uploads that are refused."""
    limits = {"job_upload_max_files": 4, "job_upload_max_bytes": 65_536}
    with running(tmp_path_factory.mktemp("home"), **limits) as service:
        yield service


def below(folder: str, files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{name}": content for name, content in files.items()}


def titles(service: Service) -> dict[str, Any]:
    found = service.client.get("/v1/products").json()["products"]
    return {product["id"]: product["title"] for product in found}


def open_upload(service: Service, body: bytes, *headers: str) -> socket.socket:
    """A connection on which an upload has begun."""
    host, _, port = service.url.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)))
    head = ("POST /v1/jobs HTTP/1.1", "Host: x", f"Content-Type: {BOUNDARY}", *headers, "", "")
    connection.sendall("\r\n".join(head).encode() + body)
    return connection


FIRST_FILE = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + b"x" * 100_000
)


class TestTaken:
    @pytest.mark.parametrize(
        "files",
        [
            {"shop.zip": zipped(SHOP)},
            {"shop.zip": zipped(below("shop", SHOP) | {"__MACOSX/._shop": b"x"})},
            SHOP,
            below("shop", SHOP) | {"shop/old/prices.csv": b"id,price\n"},
            SHOP | {"prices.csv": b"id,price\nm1,3\n"},
        ],
        ids=["zip", "zip-of-a-folder", "files", "dropped-folder", "catalogue.csv-among-manifests"],
    )
    def test_a_manifest_with_its_pictures(self, service: Service, files: dict[str, bytes]) -> None:
        job = sent(service, files)
        work(service)

        assert job_of(service, job["id"])["status"] == "done"
        assert titles(service) == {"m1": "Mug", "m2": "Cup"}
        assert service.found(1)[0] == "m1"
        assert left_behind(service) == []

    @pytest.mark.parametrize("name", ["shop.tsv", "shop.jsonl"])
    def test_a_manifest_alone(self, service: Service, name: str) -> None:
        """Its pictures may lie where jobs may read; here in `imports`."""
        pictures = service.state.home.root / "imports"
        pictures.mkdir()
        (pictures / "1.jpg").write_bytes(jpeg(1))
        row = {"id": "m1", "image": str(pictures / "1.jpg")}
        table = f"id\timage\n{row['id']}\t{row['image']}\n"
        content = json.dumps(row) if name.endswith("jsonl") else table
        sent(service, {name: content.encode()})
        work(service)

        assert list(titles(service)) == ["m1"]

    def test_a_folder_of_pictures(self, service: Service) -> None:
        """Each a product, by its path below the dropped folder; other files are passed over."""
        files = {"shop/a.jpg": jpeg(1), "shop/mugs/b.jpg": jpeg(2), "shop/mugs/notes.txt": b"x"}
        job = sent(service, files, category_from_folders="true", prune="true")
        assert job["upload"]["name"] == "shop"
        work(service)

        products = service.client.get("/v1/products").json()["products"]
        assert {each["id"]: each["category"] for each in products} == {
            "a.jpg": None,
            "mugs/b.jpg": "mugs",
        }

    def test_names_that_say_nothing_of_their_encoding(self, service: Service) -> None:
        """As macOS packs them: UTF-8 without the mark for it."""
        marked = zipped({"mugs/Bürotasse.jpg": jpeg(1), "mugs/b.jpg": jpeg(2)})
        job = sent(service, {"shop.zip": reflagged(marked, bits=0x800, on=False)})
        work(service)

        assert job["upload"] == {"name": "shop.zip", "files": 2, "size": len(marked)}
        assert list(titles(service)) == ["Bürotasse.jpg", "b.jpg"]

    def test_more_than_any_other_body_may_have(self, tmp_path: Path) -> None:
        """It goes to disk, so the limits of what is held in memory are not its own."""
        limits = {"request_max_bytes": 50_000, "uploads_max_bytes": 50_000}
        with running(tmp_path, **limits) as service:
            sent(service, {f"{n}.jpg": jpeg(1) + b"\0" * 100_000 for n in range(8)})
            work(service)

            assert len(titles(service)) == 8

    @pytest.mark.parametrize("packed", [False, True], ids=["files", "zip"])
    def test_messages_name_files_as_they_were_sent(self, service: Service, packed: bool) -> None:
        def send_off(files: dict[str, bytes]) -> int:
            job_id = sent(service, {"shop.zip": zipped(files)} if packed else files)["id"]
            work(service)
            return int(job_id)

        refused = job_of(service, send_off({"shop/shop.csv": b"id,title\nm1,Mug\n"}))
        assert refused["error"].startswith("shop/shop.csv: The manifest has no column `image`")

        job_id = send_off({"shop.csv": b"id,image\nm1,mugs/1.jpg\n"})
        [failure] = service.client.get(f"/v1/jobs/{job_id}/failures").json()["failures"]
        assert "There is no file mugs/1.jpg." in failure["message"]

    def test_into_another_collection(self, service: Service) -> None:
        service.client.put("/v1/collections/mugs")
        job = sent(service, {"a.jpg": jpeg(1)}, collection="mugs")
        work(service)

        assert job["collection"] == "mugs"
        assert service.client.get("/v1/products?collection=mugs").json()["total"] == 1


class TestRepeated:
    def test_until_the_upload_is_cleared(self, service: Service) -> None:
        job = sent(service, {"a.jpg": jpeg(1), "b.jpg": b"no picture"}, prune="true")
        assert not job["repeatable"]
        assert_problem(service.client.post(f"/v1/jobs/{job['id']}/repeat"), 409, "job-conflict")
        work(service)
        ended = job_of(service, job["id"])
        assert (ended["status"], ended["failed"], ended["repeatable"]) == ("done", 1, True)

        again = service.client.post(f"/v1/jobs/{job['id']}/repeat")
        assert again.status_code == 202
        work(service)
        ended = job_of(service, again.json()["id"])
        assert (ended["unchanged"], ended["failed"], ended["repeatable"]) == (1, 1, True)

        work(service, job_uploads_kept_h=0)
        assert left_behind(service) == []
        assert not job_of(service, job["id"])["repeatable"]
        refused = service.client.post(f"/v1/jobs/{job['id']}/repeat")
        assert "Send the files again" in assert_problem(refused, 409, "job-conflict")["detail"]

    def test_a_cancelled_one_is_kept(self, service: Service) -> None:
        job = sent(service, {"a.jpg": jpeg(1)})
        service.client.post(f"/v1/jobs/{job['id']}/cancel")
        work(service)
        again = service.client.post(f"/v1/jobs/{job['id']}/repeat").json()
        work(service)

        assert job_of(service, again["id"])["status"] == "done"
        assert left_behind(service) == []


class TestRefused:
    """With a sentence, and nothing stays: no file, no job."""

    @pytest.mark.parametrize(
        ("files", "fields", "status", "code", "words"),
        [
            ({}, {"prune": "true"}, 422, "fields-invalid", "file: is missing"),
            ({"a.jpg": b"x"}, {"collection": "no"}, 404, "collection-unknown", ""),
            ({"a.jpg": b"x"}, {"prune": "perhaps"}, 422, "fields-invalid", "prune"),
            ({"a.jpg": b"x"}, {"source": "/etc"}, 422, "fields-invalid", "source"),
            ({"a.jpg": b"x"}, {"file": "x"}, 422, "fields-invalid", "takes files"),
            ({"a.pdf": b"x", "b.pdf": b"x"}, {}, 422, "upload-refused", ".pdf (2)"),
            ({"a.zip": b"x", "b.zip": b"x"}, {}, 422, "upload-refused", "a zip comes alone"),
            ({"a.csv": b"x", "b.tsv": b"x"}, {}, 422, "upload-refused", "a.csv, b.tsv"),
            ({"a.jpg": b"x", "A/../b.jpg": b"x"}, {}, 422, "upload-refused", "'..'"),
            ({"a": b"x", "a/b.jpg": b"x"}, {}, 422, "upload-refused", "a file and a folder"),
            ({f"{n}.jpg": b"x" for n in range(5)}, {}, 422, "upload-refused", "4 files"),
            ({"a.jpg": b"x" * 70_000}, {}, 413, "body-too-large", "65,536 bytes"),
        ],
    )
    def test_with_a_sentence(
        self,
        strict: Service,
        files: dict[str, bytes],
        fields: dict[str, Any],
        status: int,
        code: str,
        words: str,
    ) -> None:
        if files:
            reply = send(strict, files, **fields)
        else:
            reply = strict.client.post("/v1/jobs", files={"prune": (None, "true")})

        assert words in assert_problem(reply, status, code)["detail"]
        assert left_behind(strict) == []
        assert strict.client.get("/v1/jobs").json()["jobs"] == []

    def test_a_file_in_another_field(self, strict: Service) -> None:
        reply = strict.client.post("/v1/jobs", files={"zip": ("a.zip", b"x")})

        detail = assert_problem(reply, 422, "fields-invalid")["detail"]
        assert "zip: takes no file; send files in the field `file`" in detail

    def test_one_that_does_not_say_how_long_it_is(self, strict: Service) -> None:
        def body() -> Iterator[bytes]:
            yield FIRST_FILE

        headers = {"content-type": BOUNDARY}
        reply = strict.client.post("/v1/jobs", content=body(), headers=headers)

        assert_problem(reply, 413, "body-too-large")
        assert left_behind(strict) == []

    def test_when_too_many_come(self, tmp_path: Path) -> None:
        with running(tmp_path, bulk_limit=1) as service, service.state.bulks.one():
            assert_problem(send(service, {"a.jpg": b"x"}), 503, "service-busy")

    def test_on_a_full_disk(self, service: Service) -> None:
        (service.state.home.root / "uploads").write_text("a file where the folder should be")

        assert_problem(send(service, {"a.jpg": b"x"}), 507, "storage-full")

    def test_more_than_there_is_room_for(self, tmp_path: Path) -> None:
        """Said before it is sent."""
        size = 2**60
        with running(tmp_path, job_upload_max_bytes=size) as service:
            with open_upload(service, b"", f"Content-Length: {size}") as connection:
                answer = connection.recv(65_536)

            assert answer.startswith(b"HTTP/1.1 507"), answer
            assert left_behind(service) == []


class TestBrokenOff:
    def test_a_client_that_goes_away_leaves_nothing(self, service: Service) -> None:
        with open_upload(service, FIRST_FILE, "Content-Length: 900000"):
            wait_until(lambda: left_behind(service) != [])
        wait_until(lambda: left_behind(service) == [])

        assert service.client.get("/v1/jobs").json()["jobs"] == []

    def test_nor_does_one_that_falls_silent(self, tmp_path: Path) -> None:
        with running(tmp_path, upload_timeout_s=0.2) as service:
            with open_upload(service, FIRST_FILE, "Content-Length: 900000") as connection:
                answer = connection.recv(65_536)

            assert answer.startswith(b"HTTP/1.1 408"), answer
            assert left_behind(service) == []

    def test_nor_one_that_ends_early(self, service: Service) -> None:
        headers = {"content-type": BOUNDARY}
        reply = service.client.post("/v1/jobs", content=FIRST_FILE, headers=headers)

        assert_problem(reply, 400, "body-malformed")
        assert left_behind(service) == []
