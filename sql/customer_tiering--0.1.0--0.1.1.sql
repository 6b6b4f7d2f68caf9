-- From 0.1.0 to 0.1.1. CONTRIBUTING.md, "Change what is released", says what stands here.
\echo Use "ALTER EXTENSION customer_tiering UPDATE" to load this file. \quit
