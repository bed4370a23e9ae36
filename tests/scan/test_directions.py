"""Whether a relationship leads to one or to many, told by the source as SQLAlchemy tells it."""

from pathlib import Path

import pytest

from qprof.scan.models.catalogue import Catalogue
from qprof.scan.models.declarations import declared
from qprof.scan.models.directions import Links
from qprof.scan.models.facts import Module
from qprof.scan.source_file import ModuleKey, python_files, read

CLASSIC = """
from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import backref, declarative_base, relationship
Base = declarative_base()
"""
DIRECTIONS = {
    "imperative mappings, by a dict and by a call, and their Table columns": (
        CLASSIC
        + """
class A: pass
class B: pass
class C: pass
a = Table("a_", metadata, Column("id", Integer, primary_key=True))
B.table = Table("b_", metadata, Column("a_id", ForeignKey("a_.id")))
c = Table("c_", metadata, Column("a_id", ForeignKey("a_.id")), Column("b", ForeignKey("a_.id")))
def start_mappers():
    registry.map_imperatively(A, a, properties={"bs": relationship(B), "first": relationship(
        C, foreign_keys=[c.c.a_id])})
registry.map_imperatively(B, B.table, properties=dict(a=relationship(lambda: A)))
mapper(C, c, properties={"a": relationship("A", foreign_keys=lambda: c.c.b, backref="seconds")})
""",
        {"A.bs": True, "A.first": True, "A.seconds": True, "B.a": False, "C.a": False},
    ),
    "foreign keys": (
        CLASSIC
        + """
class A(Base):
    __tablename__ = "a"
    bs = relationship("B")
class B(Base):
    __tablename__ = "b"
    a_id = Column(Integer, ForeignKey("a.id"))
    a = relationship(A)
    one = relationship("A", uselist=False)
""",
        {"A.bs": True, "B.a": False, "B.one": False},
    ),
    "a backref, by text and by function": (
        CLASSIC
        + """
class A(Base):
    __tablename__ = "a"
class B(Base):
    __tablename__ = "b"
    a_id = Column(ForeignKey("a.id"))
    a = relationship("A", backref="bs")
class C(Base):
    __tablename__ = "c"
    a_id = Column(ForeignKey("a.id"))
    a = relationship("A", backref=backref("c", uselist=False))
""",
        {"A.bs": True, "A.c": False, "B.a": False, "C.a": False},
    ),
    "secondary": (
        CLASSIC
        + """
class A(Base):
    __tablename__ = "a"
    bs = relationship("B", secondary="a_b", backref="many")
    b = relationship("B", secondary="a_b", uselist=False)
class B(Base):
    __tablename__ = "b"
""",
        {"A.bs": True, "A.b": False, "B.many": True},
    ),
    "itself": (
        CLASSIC
        + """
class Node(Base):
    __tablename__ = "node"
    id = Column(Integer, primary_key=True)
    parent_id = Column(ForeignKey("node.id"))
    children = relationship("Node", back_populates="parent")
    parent = relationship("Node", remote_side=[id])
    up = relationship("Node", remote_side="Node.id", backref="down")
""",
        {"Node.children": True, "Node.parent": False, "Node.up": False, "Node.down": True},
    ),
    "annotations": (
        """
class A(Base):
    many: Mapped[list["B"]] = relationship()
    some: Mapped[List["B"]] = relationship()
    few: Mapped["set[B]"] = relationship()
    keyed: Mapped[dict[str, "B"]] = relationship()
    one: Mapped["B"] = relationship()
    maybe: Mapped[Optional["B"]] = relationship()
    union: Mapped["B | None"] = relationship()
    written: WriteOnlyMapped["B"] = relationship()
    single: Mapped[list["B"]] = relationship(uselist=False)
class B(Base):
    pass
""",
        {
            "A.many": True,
            "A.some": True,
            "A.few": True,
            "A.keyed": True,
            "A.one": False,
            "A.maybe": False,
            "A.union": False,
            "A.written": True,
            "A.single": False,
        },
    ),
    "mixins and inheritance": (
        """
class Owned:
    @declared_attr
    def owner_id(cls):
        return mapped_column(ForeignKey("user.id"))
    @declared_attr
    def owner(cls):
        return relationship("User", foreign_keys=[cls.owner_id])
    @declared_attr
    def tags(cls) -> Mapped[list["Tag"]]:
        return relationship()
class User(Base):
    __tablename__ = "user"
class Thing(Owned, Base):
    __tablename__ = "thing"
class Special(Thing):
    pass
class Tag(Base):
    __tablename__ = "tag"
""",
        {"Special.owner": False, "Special.tags": True, "Thing.owner": False},
    ),
    "Flask-SQLAlchemy names tables after classes": (
        """
class BlogPost(db.Model):
    comments = db.relationship("Comment", lazy=False)
class Comment(db.Model):
    post_id = db.Column(db.Integer, db.ForeignKey("blog_post.id"))
    post = db.relationship("BlogPost")
""",
        {"BlogPost.comments": True, "Comment.post": False},
    ),
    "SQLModel": (
        """
class Team(SQLModel, table=True):
    heroes: list["Hero"] = Relationship(back_populates="team")
class Hero(SQLModel, table=True):
    team_id: int = Field(foreign_key="team.id")
    team: "Team" = Relationship(back_populates="heroes")
""",
        {"Team.heroes": True, "Hero.team": False},
    ),
    "a table of its own": (
        CLASSIC
        + """
a_table = Table("a", metadata, Column("id", Integer))
b_table = Table("b", metadata, Column("a_id", ForeignKey("a.id")))
class A(Base):
    __table__ = a_table
    bs = relationship("B")
class B(Base):
    __table__ = b_table
    a = relationship("A")
""",
        {"A.bs": True, "B.a": False},
    ),
    "the other side tells": (
        """
class A(Base):
    __tablename__ = "a"
    bs = relationship("B", back_populates="a")
class B(Base):
    __tablename__ = "b"
    key: Mapped[int] = mapped_column(ForeignKey("a.id"))
    a = relationship("A", back_populates="bs")
""",
        {"A.bs": True, "B.a": False},
    ),
    "a constraint by keywords, and keys that only the relationship knows": (
        CLASSIC
        + """
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import foreign
class A(Base):
    __tablename__ = "a"
    id = Column(Integer, primary_key=True)
    code = Column(Integer)
    bs = relationship("B", back_populates="a")
    marked = relationship("B", primaryjoin="A.code == foreign(B.code)", viewonly=True)
    named = relationship("B", primaryjoin="A.code == B.code", foreign_keys="B.code", viewonly=True)
    one = relationship(
        "B", primaryjoin="foreign(A.code) == B.id", viewonly=True
    )
class B(Base):
    __tablename__ = "b"
    id = Column(Integer, primary_key=True)
    a_id = Column(Integer)
    code = Column(Integer)
    a = relationship("A", back_populates="bs")
    own = relationship(A, primaryjoin=A.code == code, foreign_keys=[code], viewonly=True)
    called = relationship(A, primaryjoin=A.code == foreign(code), viewonly=True)
    __table_args__ = (ForeignKeyConstraint(columns=(a_id,), refcolumns=["a.id"]), {"info": {}})
""",
        {
            "A.bs": True,
            "A.marked": True,
            "A.named": True,
            "A.one": False,
            "B.a": False,
            "B.own": False,
            "B.called": False,
        },
    ),
    "unknown stays unknown": (
        """
class A(Base):
    __tablename__ = "a"
    b_id = Column(ForeignKey("b.id"))
    both = relationship("B")
    missing = relationship("Elsewhere")
class B(Base):
    __tablename__ = "b"
    a_id = Column(ForeignKey("a.id"))
    none = relationship(make())
class C(Base):
    __tablename__ = "c"
    no_key = relationship("A")
""",
        {"A.both": None, "A.missing": None, "B.none": None, "C.no_key": None},
    ),
}


def catalogue_of(folder: Path) -> Catalogue:
    return Catalogue([declared(read(file)) for file in python_files([folder])])


@pytest.mark.parametrize("kind", DIRECTIONS)
def test_directions(kind: str, tmp_path: Path) -> None:
    code, expected = DIRECTIONS[kind]
    (tmp_path / "models.py").write_text(code, encoding="utf-8")
    catalogue = catalogue_of(tmp_path)
    known, classes = Links(catalogue), {each.name: each for each in catalogue.classes()}
    found = {}
    for path in expected:
        owner, _, name = path.partition(".")
        link = known.link(classes[owner], name)
        assert link is not None, path
        found[path] = link.to_many
    assert found == expected


def test_what_the_scan_reads_is_what_sqlalchemy_maps() -> None:
    """Every relationship of the sample applications, against their configured mappers."""
    from sqlalchemy.orm import configure_mappers

    from qprof.seeding.library import models as library
    from tests.apps import chinook, inherited
    from tests.apps.audit import models as audit

    configure_mappers()
    root = Path(__file__).parents[1] / "apps"
    files = [Path(library.__file__), root / "chinook.py", root / "inherited.py"]
    catalogue = Catalogue([declared(read(file)) for file in (*files, root / "audit" / "models.py")])
    known = Links(catalogue)
    compared = 0
    for module in (library, chinook, inherited, audit):
        for mapper in module.Base.registry.mappers:
            found = catalogue.find(mapper.class_.__name__, _key(module.__file__))
            assert found is not None
            for relationship in mapper.relationships:
                link = known.link(found, relationship.key)
                assert link is not None
                assert link.to_many == relationship.uselist, relationship
                assert link.target is not None
                assert link.target.name == relationship.mapper.class_.__name__
                compared += 1
    assert compared > 25


def _key(file: str | None) -> tuple[str, ...]:
    return Path(file or "").with_suffix("").parts


def test_a_target_is_the_mapped_class_of_its_name(tmp_path: Path) -> None:
    """Schemas often have the names of models; an imperative mapping may stand elsewhere."""
    files = {
        "models.py": CLASSIC
        + "class A(Base):\n    __tablename__ = 'a'\n    bs = relationship('B')\n",
        "b.py": CLASSIC
        + "class B(Base):\n    __tablename__ = 'b'\n    a_id = Column(ForeignKey('a.id'))\n",
        "schemas.py": "class B:\n    pass\n",
        "domain.py": "class Plain:\n    pass\n",
        "tables.py": "p = Table('p', metadata, Column('a_id', ForeignKey('a.id')))\n",
        "orm.py": "import domain\nfrom tables import p\nfrom models import A\n"
        "registry.map_imperatively(domain.Plain, p, properties={'a': relationship(A)})\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    catalogue = catalogue_of(tmp_path)
    known, classes = Links(catalogue), {each.name: each for each in catalogue.classes()}
    for owner, name, many in (("A", "bs", True), ("Plain", "a", False)):
        link = known.link(classes[owner], name)
        assert link is not None
        assert link.to_many is many


def test_names_are_followed_through_re_exports(tmp_path: Path) -> None:
    """Two classes of one name are told apart by their imports; one not scanned is none."""
    files = {
        "shop/models/__init__.py": "from .artist import Artist\nfrom .other import *\n",
        "shop/models/artist.py": "class Artist(Base):\n    a = relationship('X', uselist=True)\n",
        "shop/models/other.py": "class Other(Base):\n    b = relationship('X', uselist=True)\n",
        "old/models.py": "class Artist(Base):\n    z = relationship('X', uselist=True)\n",
        "shop/repo.py": "from shop.models import Artist, Other\nimport shop.models as m\n"
        "from unseen import Genre\nimport old.models\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    catalogue = catalogue_of(tmp_path)
    key = (tmp_path / "shop" / "repo").parts
    seen = {}
    for name in ("Artist", "Other", "m.Artist", "old.models.Artist", "Genre"):
        found = catalogue.find(name, key)
        seen[name] = sorted(found.relationships) if found else None
    assert seen == {
        "Artist": ["a"],
        "Other": ["b"],
        "m.Artist": ["a"],
        "old.models.Artist": ["z"],
        "Genre": None,
    }


def test_a_name_is_looked_for_once_in_each_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In packages that import each other whole, a way through them is tried but once."""
    names = [f"m{number}" for number in range(12)]
    for name in names:
        stars = "".join(f"from many.{other} import *\n" for other in names if other != name)
        (tmp_path / "many").mkdir(exist_ok=True)
        (tmp_path / "many" / f"{name}.py").write_text(stars + f"class {name.upper()}: pass\n")
    catalogue = Catalogue([declared(read(each)) for each in python_files([tmp_path])])
    steps: list[object] = []
    imported = catalogue.imported

    def counted(module: ModuleKey, near: ModuleKey) -> Module | None:
        steps.append(module)
        assert len(steps) <= len(names) ** 2
        return imported(module, near)

    monkeypatch.setattr(catalogue, "imported", counted)
    (start,) = [each for each in catalogue.classes() if each.name == "M0"]
    assert catalogue.find("Nowhere", start.key) is None
    steps.clear()
    found = catalogue.find("M11", start.key)
    assert found is not None
    assert found.name == "M11"
