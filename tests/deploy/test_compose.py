"""What `deploy/compose.yaml` starts, with each file that adds to it, as docker-compose reads it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import tomllib
import yaml

from harmo.app.settings import PREFIX, Settings
from harmo.console.settings import Settings as ConsoleSettings
from harmo.console.settings import gathered
from tests.deploy.manifests import most_bytes
from tests.deploy.test_image import DOCKERFILE, healthcheck

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
GPU, KEYS, CONSOLE = "compose.gpu.yaml", "compose.keys.yaml", "compose.console.yaml"
ADDED = [(), (GPU,), (KEYS,), (GPU, KEYS), (CONSOLE,), (GPU, KEYS, CONSOLE)]
NEEDED = "docker-compose version 1.29."
"""Compose 2 writes ports, volumes and sizes in another way."""
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@cache
def compose() -> str | None:
    """The docker-compose whose output these tests read, if it is here."""
    found = shutil.which("docker-compose")
    if found is None:
        return None
    said = subprocess.run([found, "version"], capture_output=True, text=True, check=False)
    return found if said.stdout.startswith(NEEDED) else None


@cache
def read(*added: str, **variables: str) -> dict[str, Any]:
    """The files as docker-compose merges them; refused is what it does not understand."""
    program = compose()
    if program is None:
        pytest.skip(f"needs {NEEDED}x (Debian: docker-compose)")
    files = [word for name in ("compose.yaml", *added) for word in ("-f", str(DEPLOY / name))]
    ours = {k: v for k, v in os.environ.items() if not k.startswith((PREFIX, "COMPOSE_"))}
    # Whoever runs the tests may have a deploy/.env of their own.
    with tempfile.NamedTemporaryFile() as empty:
        done = subprocess.run(
            [program, "--env-file", empty.name, *files, "config"],
            env={**ours, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    merged: dict[str, Any] = yaml.safe_load(done.stdout)
    return merged


@pytest.mark.parametrize("added", ADDED, ids=str)
def test_every_service_is_bounded_hardened_watched_and_on_loopback(added: tuple[str, ...]) -> None:
    for name, service in read(*added)["services"].items():
        assert service["mem_limit"], name
        assert service["pids_limit"] > 0, name
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert service["restart"] == "unless-stopped", name
        assert all(port.startswith("127.0.0.1:") for port in service["ports"]), name
        assert service["logging"]["options"]["max-size"], name


@pytest.mark.parametrize("added", ADDED, ids=str)
def test_no_two_services_have_one_port_and_every_version_is_pinned(added: tuple[str, ...]) -> None:
    services = read(*added)["services"].values()
    ports = [port.rpartition(":")[0] for service in services for port in service["ports"]]
    assert len(set(ports)) == len(ports)
    for service in services:
        assert re.search(r":v?\d+\.\d+\.\d+(-cuda)?$", service["image"]), service["image"]


@pytest.mark.parametrize("added", ADDED, ids=str)
def test_what_is_mounted_is_there_and_only_volumes_are_written(added: tuple[str, ...]) -> None:
    merged = read(*added)
    for name, service in merged["services"].items():
        for volume in service["volumes"]:
            source, _, mode = volume.split(":")
            if source in merged["volumes"]:
                # A volume has one writer: whoever shares it looks.
                assert mode == ("ro" if name == "console" else "rw")
            else:
                assert mode == "ro"
                # Models are whoever's runs it.
                assert source == str(DEPLOY / "models") or Path(source).exists(), source


def test_grafana_finds_its_dashboards_and_prometheus_what_its_configuration_names() -> None:
    services = read()["services"]
    into = {target(volume) for volume in services["grafana"]["volumes"]}
    (provider,) = (DEPLOY / "grafana" / "provisioning" / "dashboards").glob("*.yml")
    (dashboards,) = yaml.safe_load(provider.read_text())["providers"]
    assert dashboards["options"]["path"] in into
    sources = {target(v): v.split(":")[0] for v in services["prometheus"]["volumes"]}
    config = yaml.safe_load(Path(sources["/etc/prometheus/prometheus.yml"]).read_text())
    for rules in config["rule_files"]:
        assert f"/etc/prometheus/{rules}" in sources or any(
            f"/etc/prometheus/{rules}".startswith(f"{folder}/") for folder in sources
        )
    assert "'harmo:8000'" in str(config["scrape_configs"])


def target(volume: str) -> str:
    """Where in the container it is."""
    return volume.split(":")[1]


def test_the_service_has_time_to_drain_and_is_asked_as_the_image_says() -> None:
    service, settings = read()["services"]["harmo"], Settings()
    grace_s = int(service["stop_grace_period"].removesuffix("s"))
    assert grace_s >= settings.drain_wait_s + settings.drain_timeout_s + 10
    asked = service["healthcheck"]
    shipped = healthcheck()
    assert asked["test"] == ["CMD", *shipped.command]
    assert {key: seconds(asked[key]) for key in ("interval", "timeout", "start_period")} == (
        shipped.seconds
    )


def seconds(text: str) -> int:
    number, unit = int(text[:-1]), text[-1]
    return number * {"s": 1, "m": 60}[unit]


def test_memory_holds_all_that_the_settings_allow_at_once() -> None:
    gibibytes = int(read()["services"]["harmo"]["mem_limit"].removesuffix("g"))
    assert gibibytes << 30 >= most_bytes(Settings())


def test_each_port_on_the_machine_can_be_another() -> None:
    """A file of the user's own could only add one: Compose puts lists of ports together."""
    names = ("HARMO", "PROMETHEUS", "GRAFANA", "CONSOLE")
    given = {f"{name}_PUBLISHED_PORT": str(18000 + n) for n, name in enumerate(names)}
    services = read(CONSOLE, **given)["services"]
    ports = sorted(port for service in services.values() for port in service["ports"])
    assert [port.split(":")[1] for port in ports] == ["18000", "18001", "18002", "18003"]


def test_what_the_service_is_told_are_settings_and_defaults_change_nothing() -> None:
    environment = read()["services"]["harmo"]["environment"]
    told = {k: v for k, v in environment.items() if k.startswith(PREFIX)}
    fields = {name.removeprefix(PREFIX).lower() for name in told}
    assert fields <= set(Settings.model_fields)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(name, value)
        settings = Settings.from_file(None)
    assert settings == Settings(recipes=("math",))


def test_with_the_console_a_store_is_kept_as_it_is_by_default() -> None:
    environment = read(CONSOLE)["services"]["harmo"]["environment"]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        settings = Settings.from_file(None)
    folder = settings.audit
    assert settings == Settings(recipes=("math",), audit=folder)
    assert str(folder) in {target(v) for v in read(CONSOLE)["services"]["harmo"]["volumes"]}
    # A new volume has the owner that the image's folder has.
    assert f"install -d -o harmo -g harmo /var/cache/harmo {folder} " in DOCKERFILE.read_text()


def test_the_console_shows_that_store_behind_a_password_and_may_not_write_it(
    tmp_path: Path,
) -> None:
    merged = read(CONSOLE)
    console, service = merged["services"]["console"], merged["services"]["harmo"]
    assert console["image"] == service["image"]
    store = service["environment"]["HARMO_AUDIT"]
    assert console["environment"]["HARMO_AUDIT"] == store
    assert f"harmo-audit:{store}:ro" in console["volumes"]
    assert f"harmo-audit:{store}:rw" in service["volumes"]
    assert console["environment"]["HARMO_URL"] == "http://harmo:8000"
    assert merged["secrets"]["console-password"]["file"] == str(DEPLOY / "console-password")
    assert "console-password\n" in (ROOT / ".gitignore").read_text()
    # As the command reads it, with a password where the secret would be.
    password = tmp_path / "console-password"
    password.write_text("open sesame\n")
    words = [w.replace("/run/secrets", str(tmp_path)) for w in console["command"]]
    settings = typed(words, {"HARMO_URL": "http://harmo:8000", "HARMO_API_KEY": ""})
    assert (settings.host, settings.port, settings.guarded) == ("0.0.0.0", 8600, True)
    assert str(settings.port) == str(console["environment"]["HARMO_PORT"])
    assert console["ports"] == ["127.0.0.1:8600:8600/tcp"]


def typed(words: list[str], environment: dict[str, str]) -> ConsoleSettings:
    """What `harmo console` makes of a command line, without a store."""
    _, *flags = words
    given = dict(zip(flags[::2], flags[1::2], strict=True))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return gathered(
            audit=None,
            service=None,
            host=given["--host"],
            port=int(given["--port"]),
            password_file=Path(given["--password-file"]),
            keys_file=None,
            token=None,
        )


def test_the_consoles_health_is_asked_as_the_services_with_a_path_of_its_own() -> None:
    services = read(CONSOLE)["services"]
    asked, of_service = services["console"]["healthcheck"], services["harmo"]["healthcheck"]
    assert asked["test"] == [*of_service["test"], "/login"]


def test_on_a_gpu_the_same_service_has_a_device_and_its_torch() -> None:
    service = read(GPU)["services"]["harmo"]
    (device,) = service["deploy"]["resources"]["reservations"]["devices"]
    assert (device["driver"], device["capabilities"]) == ("nvidia", ["gpu"])
    assert service["environment"]["HARMO_DEVICE"] == "cuda"
    assert service["build"]["args"] == {"TORCH_VARIANT": "cu130"}
    assert "ARG TORCH_VARIANT=cpu\n" in DOCKERFILE.read_text()
    assert set(read()["services"]["harmo"]["build"]) == {"context"}, "the default"


def test_keys_come_as_a_file_and_never_as_a_variable() -> None:
    merged = read(KEYS, HARMO_API_KEYS_FILE="/somewhere/keys")
    service = merged["services"]["harmo"]
    assert merged["secrets"] == {"api-keys": {"file": "/somewhere/keys"}}
    assert service["environment"]["HARMO_API_KEYS_FILE"] == "/run/secrets/api-keys"
    assert "HARMO_API_KEYS" not in service["environment"]


def test_the_example_names_every_variable_with_its_default() -> None:
    written = "".join(path.read_text() for path in DEPLOY.glob("compose*.yaml"))
    example = (DEPLOY / ".env.example").read_text()
    used = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", written))
    said = dict(re.findall(r"^#(\w+)=(.*)$", example, re.MULTILINE))
    assert {**used, "HARMO_MEMORY": "10g"} == said
    assert set(re.findall(r"\$\{?(\w+)", written)) == set(used)
    named = re.findall(r"COMPOSE_FILE=(\S+)", example)
    assert {name for line in named for name in line.split(":")} <= {
        path.name for path in DEPLOY.glob("compose*.yaml")
    }


def test_the_image_has_the_version_of_the_package() -> None:
    assert read()["services"]["harmo"]["image"] == f"harmo:{VERSION}"
    assert f"ARG VERSION={VERSION}\n" in DOCKERFILE.read_text()
