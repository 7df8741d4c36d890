#!/usr/bin/env python3
"""Asks for the models ten times at once, with asyncio, and prints how many there are.

The gateway's socket is $MODELS_GATEWAY_SOCKET, or where it is by default.
"""

import asyncio
import sys

from models_gateway import AsyncClient, ModelsError


async def count_parts(gateway):
    count = 0
    async for part in gateway.stream_models_snapshot(timeout=20):
        count += len(part.iterable)
    return count


async def main():
    async with AsyncClient() as gateway:
        snapshots = [gateway.models_snapshot() for _ in range(10)]
        *answers, streamed = await asyncio.gather(*snapshots, count_parts(gateway))
    print(*{len(models.iterable) for models in answers} | {streamed}, "models")


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except ModelsError as error:
        sys.exit(str(error))
