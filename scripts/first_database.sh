#!/bin/sh
# Makes Penset's roles and its database on a fresh PostgreSQL: neither role is a superuser. Run once, as a superuser;
# the official PostgreSQL image runs it at its first start. Wants PENSET_DB_PASSWORD.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-postgres}" <<'SQL'
\getenv password PENSET_DB_PASSWORD
create role penset login password :'password';
create role penset_app nologin;
grant penset_app to penset;
create database penset owner penset encoding 'UTF8' template template0;
\connect penset
create extension if not exists pg_trgm;
create extension if not exists unaccent;
SQL
