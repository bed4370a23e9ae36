"""The application."""

from fastapi import FastAPI

from shop.routers import artists, login

app = FastAPI(title="shop")
app.include_router(login.router)
app.include_router(artists.router, prefix="/api/v1")
