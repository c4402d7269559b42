# What ./run does, as an image: the same Poetry, the locked packages, then `chorus`. tests/unit/test_containers.py holds
# the versions of the two together. Build and start it with: docker compose --profile app up --build
FROM python:3.13-slim-trixie AS build
ARG PIP_INDEX_URL
ARG POETRY_PYPI_MIRROR_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    POETRY_VIRTUALENVS_IN_PROJECT=true \
    POETRY_KEYRING_ENABLED=false
WORKDIR /srv/chorus
RUN python -m venv /opt/poetry \
    && /opt/poetry/bin/pip install --no-cache-dir poetry==2.5.1 poetry-plugin-pypi-mirror==0.6.5
COPY pyproject.toml poetry.lock README.md LICENSE ./
RUN /opt/poetry/bin/poetry sync --no-interaction --no-ansi --no-cache --only main --no-root --compile
COPY .streamlit .streamlit
COPY app.py ./
COPY pages pages
COPY chorus chorus
RUN /opt/poetry/bin/poetry sync --no-interaction --no-ansi --no-cache --only main --compile

FROM python:3.13-slim-trixie
# libgomp1 follows the updates of Debian stable
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --shell /usr/sbin/nologin chorus \
    && install --directory --owner chorus --group chorus --mode 0700 /var/lib/chorus
COPY --from=build /srv/chorus /srv/chorus
ENV PATH=/srv/chorus/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CHORUS_HOME=/var/lib/chorus
WORKDIR /srv/chorus
USER 10001
VOLUME /var/lib/chorus
EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=10s --start-period=90s --retries=4 \
    CMD ["python", "-m", "chorus.api.alive"]
CMD ["chorus", "app", "--address", "0.0.0.0"]
