"""A forum whose session joins the transaction of each request."""

from typing import Any

import zope.sqlalchemy
from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    relationship,
    sessionmaker,
)


class Base(DeclarativeBase):
    pass


class Topic(Base):
    __tablename__ = "topic"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    replies: Mapped[list["Reply"]] = relationship(back_populates="topic")


class Reply(Base):
    __tablename__ = "reply"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    topic: Mapped[Topic] = relationship(back_populates="replies")


def topics(request: Request) -> list[dict[str, Any]]:
    found = request.dbsession.scalars(select(Topic).order_by(Topic.id))
    return [{"title": each.title, "replies": [r.text for r in each.replies]} for each in found]


def topic(request: Request) -> dict[str, Any]:
    found = request.dbsession.get(Topic, int(request.matchdict["topic_id"]))
    return {"title": found.title, "replies": [each.text for each in found.replies]}


def main(global_config: dict[str, str], **settings: str) -> Any:
    engine = create_engine(settings.get("sqlalchemy.url", "sqlite:///app.db"))
    maker = sessionmaker(engine)

    def dbsession(request: Request) -> Session:
        session = maker()
        zope.sqlalchemy.register(session, transaction_manager=request.tm)
        return session

    with Configurator(settings=settings) as config:
        config.include("pyramid_tm")
        config.add_request_method(dbsession, reify=True)
        config.add_route("topics", "/topics")
        config.add_view(topics, route_name="topics", renderer="json")
        config.add_route("topic", r"/topics/{topic_id:\d+}")
        config.add_view(topic, route_name="topic", renderer="json")
        return config.make_wsgi_app()
