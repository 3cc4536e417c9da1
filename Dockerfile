# The web chat over the bundled articles. Not yet built: there was no Docker engine where it was written.
#
#     docker build -t byline .
#     docker run -p 127.0.0.1:7860:7860 -v byline-index:/byline/index/archive byline
#
# Inside, the chat listens on every address, or nothing could reach it: publish it on 127.0.0.1 alone.
FROM python:3.12-slim

# pip reads it: the address of PyTorch's CPU wheels, without which CUDA may come too.
ARG PIP_EXTRA_INDEX_URL=""

RUN useradd --create-home byline
WORKDIR /byline
COPY pyproject.toml README.md LICENSE NOTICE app.py ./
COPY rag rag
COPY index index
RUN pip install --no-cache-dir -e . \
    && mkdir -p index/archive && chown byline index/archive
USER byline

VOLUME /byline/index/archive
EXPOSE 7860
CMD ["python", "app.py", "--host", "0.0.0.0"]
