"""The token, for a name and a password."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.security import OAuth2PasswordRequestForm
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.database import User, get_db
from shop.security import signed

router = APIRouter()


@router.post("/token")
def token(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], db: Annotated[Session, Depends(get_db)]
) -> dict[str, str]:
    user = db.scalar(select(User).where(User.name == form.username))
    if user is None or user.hashed_password != signed(form.password):
        raise HTTPException(400, "Incorrect username or password")
    return {"access_token": f"{user.name}.{signed(user.name)}", "token_type": "bearer"}
