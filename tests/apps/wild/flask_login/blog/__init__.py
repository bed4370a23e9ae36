"""A blog by Flask-SQLAlchemy, with a login and tokens in its forms."""

from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask_login import LoginManager, UserMixin, login_required, login_user
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from wtforms import PasswordField, StringField


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
manager = LoginManager()
pages = Blueprint("pages", __name__)


class User(UserMixin, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    password: Mapped[str]


class Post(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    comments: Mapped[list["Comment"]] = relationship(back_populates="post")


class Comment(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    post: Mapped[Post] = relationship(back_populates="comments")


class LoginForm(FlaskForm):
    name = StringField()
    password = PasswordField()


@manager.user_loader
def load_user(user_id: str) -> User | None:
    return db.session.get(User, int(user_id))


@pages.route("/login", methods=["GET", "POST"])
def login() -> Any:
    form = LoginForm()
    if form.validate_on_submit():
        user = db.session.scalar(db.select(User).filter_by(name=form.name.data))
        if user is not None and user.password == form.password.data:
            login_user(user)
            return redirect(url_for("pages.posts"))
    return render_template("login.html", form=form)


@pages.get("/")
@login_required
def posts() -> str:
    return render_template("posts.html", posts=db.session.scalars(db.select(Post)).all())


@pages.get("/posts/<int:post_id>")
@login_required
def post(post_id: int) -> str:
    return render_template("posts.html", posts=[db.get_or_404(Post, post_id)])


@pages.route("/search", methods=["GET", "POST"])
@login_required
def search() -> str:
    words = f"%{request.form.get('words', '')}%"
    found = db.session.scalars(db.select(Post).where(Post.title.like(words))).all()
    return render_template("posts.html", posts=found)


def create_app() -> Flask:
    app = Flask(__name__)
    there = Path("app.db").absolute()
    app.config.update(SECRET_KEY="not a secret", SQLALCHEMY_DATABASE_URI=f"sqlite:///{there}")
    db.init_app(app)
    manager.init_app(app)
    manager.login_view = "pages.login"
    CSRFProtect(app)
    app.register_blueprint(pages)
    return app
