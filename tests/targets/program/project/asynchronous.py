"""Two tasks over aiosqlite; the queries run in greenlets below these coroutines."""

import asyncio

from shop.models import ARGUMENTS, FILE, Customer, Order
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import selectinload

ENGINE = create_async_engine(f"sqlite+aiosqlite:///{FILE}", **ARGUMENTS)


async def customers() -> None:
    async with AsyncSession(ENGINE) as session:
        await session.scalars(select(Customer).options(selectinload(Customer.orders)))


async def orders() -> None:
    for _ in range(3):
        async with AsyncSession(ENGINE) as session:
            await session.scalar(select(func.count()).select_from(Order))


async def main() -> None:
    await asyncio.gather(customers(), orders())


asyncio.run(main())
