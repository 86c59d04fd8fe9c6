# needs-plan in one image: the bot, its Python and git. Settings come from the environment, state lies in /data.

FROM python:3.11-slim-bookworm AS build
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/app/.venv
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
# Dependencies first: they change less often than the code, so this layer is kept between builds.
COPY pyproject.toml uv.lock README.md LICENSE NOTICE ./
# The extra holds what plans for AWS and MySQL are checked with.
RUN uv sync --frozen --no-dev --extra infra --no-install-project --no-cache
COPY bot bot
COPY linear linear
COPY planner planner
RUN uv sync --frozen --no-dev --extra infra --no-editable --no-cache

FROM python:3.11-slim-bookworm
# git reads the repositories that are planned for. Its version is Debian's, with Debian's security fixes: not pinned.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 plan \
 && useradd --uid 10001 --gid plan --no-create-home --home-dir /data --shell /usr/sbin/nologin plan \
 && install --directory --owner plan --group plan --mode 0700 /data
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/data \
    NEEDS_PLAN_HOST=0.0.0.0 \
    NEEDS_PLAN_PORT=8080 \
    NEEDS_PLAN_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['NEEDS_PLAN_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["needs-plan"]
CMD ["serve"]
