FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md ./
COPY gateway gateway
COPY sql sql
RUN python -m venv /opt/gateway && /opt/gateway/bin/pip install --no-cache-dir '.[embedded]'

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/gateway gateway
COPY --from=build /opt/gateway /opt/gateway
ENV PATH=/opt/gateway/bin:$PATH \
    GATEWAY_DATA=/var/lib/gateway \
    GATEWAY_HOST=0.0.0.0 \
    GATEWAY_LOG=json
USER gateway
VOLUME /var/lib/gateway
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import http.client, os, sys; gateway = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('GATEWAY_PORT', 8080)), timeout=2); gateway.request('GET', '/readyz'); sys.exit(gateway.getresponse().status != 200)"]
ENTRYPOINT ["gateway"]
CMD ["serve"]
