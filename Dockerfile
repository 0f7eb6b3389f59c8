# The image of every process of the service; compose.yaml says which there are.
FROM python:3.13-slim-bookworm AS build
WORKDIR /build
RUN pip install --no-cache-dir uv==0.13.9
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY outreach outreach
COPY geo geo
COPY models models
COPY flows flows
COPY maps maps
RUN UV_PROJECT_ENVIRONMENT=/opt/outreach uv sync --frozen --no-dev --no-editable \
    --extra database --extra sign-on --extra storage

FROM python:3.13-slim-bookworm
COPY --from=build /opt/outreach /opt/outreach
RUN useradd --uid 10001 --create-home outreach && install -d -o outreach -g outreach /data
ENV PATH=/opt/outreach/bin:$PATH OUTREACH_HOME=/data PYTHONUNBUFFERED=1
USER outreach
WORKDIR /data
VOLUME /data
CMD ["outreach", "--help"]
