"""25 posts with 2 comments each, and one user."""

from blog import Comment, Post, User, create_app, db

with create_app().app_context():
    db.create_all()
    db.session.add(User(name="ann", password="correct horse"))
    for number in range(25):
        comments = [Comment(text=f"c{each}") for each in range(2)]
        db.session.add(Post(title=f"p{number}", comments=comments))
    db.session.commit()
    db.engine.dispose()
