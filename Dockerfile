# PostgreSQL with the extension, from the Debian package that `make deb` makes:
#   docker build --build-arg PG_MAJOR=15 -t customer_tiering .
#   docker run -e POSTGRES_PASSWORD=… customer_tiering
ARG PG_MAJOR=15

FROM postgres:${PG_MAJOR}-bookworm AS build
RUN apt-get update -q && apt-get install -q -y --no-install-recommends build-essential ca-certificates curl git \
    libclang-dev dpkg-dev python3 "postgresql-server-dev-$PG_MAJOR"
RUN curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --default-toolchain 1.95
ENV PATH=/root/.cargo/bin:$PATH
COPY . /src
RUN PG_CONFIG=/usr/lib/postgresql/$PG_MAJOR/bin/pg_config make -C /src deb

FROM postgres:${PG_MAJOR}-bookworm
COPY --from=build /src/target/deb/*.deb /tmp/
RUN apt-get update -q && apt-get install -q -y --no-install-recommends /tmp/*.deb && rm -rf /tmp/*.deb /var/lib/apt/lists/*
RUN echo 'CREATE EXTENSION customer_tiering;' >/docker-entrypoint-initdb.d/customer_tiering.sql
