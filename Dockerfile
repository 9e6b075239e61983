# The web service.  The graph is a server of its own (docker-compose.yml), reached through NEO4J_URI.
FROM python:3.12-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

RUN useradd --create-home --uid 10001 innonet && install -d -o innonet -g innonet /home/innonet/data

WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt

COPY . .
RUN pip install --no-deps --editable .

USER 10001
ENV INNONET_HOME=/home/innonet/data
VOLUME /home/innonet/data
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=5 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/api/v1/health', timeout=4).close()"]

CMD ["innonet", "serve", "--host", "0.0.0.0", "--port", "8000"]
