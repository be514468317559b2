-- A row in each table that `furnish` (tests/world.py) leaves empty: what migrations are walked with. Parents first.
INSERT INTO acknowledgements (user_id, guidelines_id) SELECT min(created_by), min(g.id) FROM projects, guidelines g;
INSERT INTO attempts (bucket, window_start, count) VALUES ('sign-in:one', now(), 3);
INSERT INTO consents (project_id, user_id, text, licence)
    SELECT id, created_by, 'My texts may be published.', 'CC0-1.0' FROM projects LIMIT 1;
INSERT INTO consents_taken_back (consent_id, project_id, user_id, asked_by, reason, withdrawn)
    SELECT id, project_id, user_id, user_id, 'I changed my mind.', 2 FROM consents;
INSERT INTO erasures (user_id, asked_by, progress) SELECT max(id), min(id), 'half of it' FROM users;
INSERT INTO fingerprints (kind, subject_id, project_id, keys, size)
    SELECT 'prompt', id, project_id, '{1, 2}', 2 FROM prompts LIMIT 1;
INSERT INTO generations (set_id, project_id, state, run_ids, bases, people, prompts, most, temperature, max_tokens, seed)
    SELECT id, project_id, 'done', '{1}', true, true, 'test', 9, 0.7, 64, 1 FROM comparison_sets LIMIT 1;
INSERT INTO given_answers (user_id, key, request_hash, status, body)
    SELECT min(id), 'a-key', '\x00', 200, '{}' FROM users;
INSERT INTO gold_items (submission_id, project_id, revision_id, decision, note, made_by)
    SELECT s.id, s.project_id, r.id, 'approved', 'As it should be.', s.author_id
    FROM submissions s JOIN revisions r ON r.submission_id = s.id LIMIT 1;
INSERT INTO gold_answers (submission_id, reviewer_id, decision, ratings, note, missed, edited_messages)
    SELECT submission_id, made_by, 'approved', '{"helpful": 4}', 'Good.', 'Nothing.', '[]' FROM gold_items;
INSERT INTO held_decisions
    (submission_id, revision_id, reviewer_id, decision, ratings, note, missed, edited_messages, settles_at)
    SELECT submission_id, revision_id, made_by, 'rejected', '{"helpful": 1}', 'Bad.', 'Much.', '[]', now() FROM gold_items;
INSERT INTO hub_pushes (version_id, repository, is_private, status, progress, address, failure, asked_by)
    SELECT id, 'us/ours', true, 'done', 'all of it', 'https://hub.example.org/us/ours', '', created_by FROM versions LIMIT 1;
INSERT INTO kept_out (project_id, kind, user_id, settled_in)
    SELECT d.project_id, 'writers', d.created_by, v.id FROM versions v JOIN datasets d ON d.id = v.dataset_id LIMIT 1;
INSERT INTO one_time_links (token_hash, purpose, user_id, made_by, expires_at)
    SELECT '\x01', 'reset', max(id), min(id), now() FROM users;
INSERT INTO opinions (project_id, submission_id, revision_id, reviewer_id, decision, ratings, note, missed)
    SELECT project_id, submission_id, revision_id, made_by, 'approved', '{"helpful": 4}', 'Good.', 'Nothing.' FROM gold_items;
INSERT INTO prompt_questions (project_id, prompt_id, author_id, body)
    SELECT project_id, id, author_id, 'Which one is meant?' FROM prompts LIMIT 1;
INSERT INTO prompt_reports (project_id, prompt_id, reporter_id, reason, note)
    SELECT project_id, id, author_id, 'unclear', 'Which one is meant?' FROM prompts LIMIT 1;
INSERT INTO prompt_turns (project_id, place, prompt_id) SELECT project_id, 1, id FROM prompts LIMIT 1;
INSERT INTO retired_versions (version_id) SELECT min(id) FROM versions;
INSERT INTO review_skips (submission_id, reviewer_id) SELECT submission_id, made_by FROM gold_items;
INSERT INTO run_events (run_id, sequence, data) SELECT id, 1, '{"event": "step", "loss": 1.5}' FROM runs LIMIT 1;
INSERT INTO withdrawals (submission_id, withdrawn_by, reason)
    SELECT submission_id, made_by, 'They asked by mail.' FROM gold_items;
-- And something other than the default in the columns that came later, where a row may change.
UPDATE users SET mail_notices = 'daily', erased_at = now() WHERE id = (SELECT max(id) FROM users);
UPDATE projects SET consent_text = 'Publish it.', blocking_hints = '{long}', shows_examples = NOT shows_examples,
    keeps_provenance = NOT keeps_provenance, allow_system = NOT allow_system, qualification = 7, gold_every = 70,
    review_order = 'furthest', reviews_per_response = 2, follows_advice = true, follows_need = true;
UPDATE memberships SET qualified_at = '2026-01-01Z';
UPDATE assignments SET skip_kind = 'too_long';
UPDATE submissions SET from_newcomer = NOT from_newcomer, disputed_at = '2026-01-01Z';
UPDATE drafts SET provenance = '{"typed": 9}', caret = 3;
UPDATE notices SET times = 7;
UPDATE sign_ins SET renew_id = true;
UPDATE prompts SET tags = '{pilot}', imported = true;
UPDATE datasets SET preparation = '{"held_out_writers": 10}', rule_number = 7;
