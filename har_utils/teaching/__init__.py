"""The teacher's kit: hidden questions, grading, the class's version, slides, the leaderboard."""
