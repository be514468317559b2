# The image of the web process and of the worker, and with --target trainer that of the trainer as well.
# Not root, no compiler, no tests; everything but /data may be read-only.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
WORKDIR /srv/penset
COPY requirements-uv.txt requirements.txt ./
RUN python -m venv .venv \
    && .venv/bin/pip install -q --require-hashes -r requirements-uv.txt \
    && .venv/bin/uv pip install -q --no-cache --python .venv --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY migrations migrations
COPY templates templates
COPY static static
RUN .venv/bin/pip install -q --no-deps --no-build-isolation -e . \
    && .venv/bin/python -m compileall -q app migrations

FROM packages AS training-packages
ARG PIP_TORCH=""
COPY requirements-train.txt ./
RUN .venv/bin/uv pip install -q --no-cache --python .venv --require-hashes --no-deps -r requirements-train.txt \
    && .venv/bin/pip install -q ${PIP_TORCH} torch==2.13.0

FROM python:${PYTHON}-slim AS bare
RUN useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin penset \
    && install -d -o penset -g penset -m 0700 /data
ENV PATH=/srv/penset/.venv/bin:$PATH PENSET_DATA=/data HF_HOME=/data/cache PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/penset
USER penset
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["penset"]

FROM bare AS trainer
COPY --from=training-packages /srv/penset /srv/penset
CMD ["worker", "--queue", "training"]

FROM bare AS penset
COPY --from=packages /srv/penset /srv/penset
CMD ["serve", "--host", "0.0.0.0", "--no-with-workers"]
