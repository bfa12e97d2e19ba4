-- From a contact's rows to its row of contact_stat, for a list of contacts at a time.
--
-- Grouped, not looked up contact by contact: PostgreSQL reads the rows of a batch in one go each. Times are turned into
-- days of the contact's own calendar (else the default one) last, when few are left.
-- Ignored: delivered 24 hours ago or earlier, and neither reply nor click since; undelivered messages do not count.
-- A reaction is a message within 3 days of one of ours, with nothing of the customer's between the two.
-- Signs of life are listed over 90 days, of every list the latest ten days are kept.
-- A running contract counts before one that ended, the nearest end first. due_at: when a message's 24 hours are over or
-- another contract becomes the nearest, time alone makes this row old.
WITH who AS MATERIALIZED (
    SELECT c.id, c.timezone, coalesce(c.timezone, CAST(:zone AS text)) AS zone, c.created_at, c.value, c.country,
           c.postcode,
           CAST(timezone(coalesce(c.timezone, CAST(:zone AS text)), CAST(:now AS timestamptz)) AS date) AS today
    FROM contact c WHERE c.id = ANY (CAST(:ids AS bigint[])) AND c.erased_at IS NULL),
happened AS MATERIALIZED (
    SELECT e.contact_id,
        max(e.at) FILTER (WHERE e.kind = 'offer_click') AS clicked_at,
        max(e.at) FILTER (WHERE e.kind = 'quote_request') AS quoted_at,
        max(e.at) FILTER (WHERE e.kind = 'page_visit') AS visited_at,
        max(e.at) FILTER (WHERE e.kind = 'form') AS form_at,
        max(e.at) FILTER (WHERE e.kind = 'cart_abandoned') AS cart_at,
        max(e.at) FILTER (WHERE e.kind IN ('purchase', 'cart_declined')) AS settled_at,
        max(e.at) FILTER (WHERE e.kind = 'purchase') AS bought_at,
        count(*) FILTER (WHERE e.kind = 'purchase') AS orders,
        sum(CASE WHEN e.kind = 'purchase' AND jsonb_typeof(e.data -> 'amount') = 'number'
                 THEN CAST(e.data ->> 'amount' AS numeric) END) AS spent,
        max(e.at) FILTER (WHERE e.kind = 'cancelled') AS cancelled_at,
        max(e.at) FILTER (WHERE e.kind = 'objection') AS objected_at
    FROM event e WHERE e.contact_id = ANY (CAST(:ids AS bigint[])) GROUP BY e.contact_id),
said AS MATERIALIZED (
    SELECT m.contact_id, max(m.sent_at) AS replied_at
    FROM message m WHERE m.contact_id = ANY (CAST(:ids AS bigint[])) AND m.kind <> 'system' GROUP BY m.contact_id),
arrived AS MATERIALIZED (
    SELECT o.contact_id, coalesce(o.delivered_at, o.read_at) AS at FROM outbox o
    WHERE o.contact_id = ANY (CAST(:ids AS bigint[])) AND coalesce(o.delivered_at, o.read_at) IS NOT NULL),
ignored AS MATERIALIZED (
    SELECT a.contact_id,
        count(*) FILTER (WHERE a.at <= CAST(:now AS timestamptz) - interval '24 hours') AS number,
        max(a.at) FILTER (WHERE a.at <= CAST(:now AS timestamptz) - interval '24 hours') AS at,
        min(a.at) FILTER (WHERE a.at > CAST(:now AS timestamptz) - interval '24 hours') + interval '24 hours' AS due_at
    FROM arrived a LEFT JOIN said ON said.contact_id = a.contact_id
        LEFT JOIN happened ON happened.contact_id = a.contact_id
    WHERE a.at > coalesce(greatest(said.replied_at, happened.clicked_at), '-infinity') GROUP BY a.contact_id),
reacted AS MATERIALIZED (
    SELECT contact_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY minutes) AS minutes FROM (
        SELECT contact_id, CAST(extract(epoch FROM at - before) AS bigint) / 60 AS minutes,
               row_number() OVER (PARTITION BY contact_id ORDER BY at DESC) AS place
        FROM (SELECT contact_id, at, ours, lag(at) OVER turns AS before, lag(ours) OVER turns AS answered
              FROM (SELECT contact_id, at, true AS ours FROM arrived
                    UNION ALL
                    SELECT m.contact_id, m.sent_at, false FROM message m
                    WHERE m.contact_id = ANY (CAST(:ids AS bigint[])) AND m.kind <> 'system') both_ways
              WINDOW turns AS (PARTITION BY contact_id ORDER BY at, ours DESC)) steps
        WHERE NOT ours AND answered AND at - before <= interval '3 days') reactions
    WHERE place <= 5 GROUP BY contact_id),
days AS MATERIALIZED (
    SELECT contact_id,
        (array_agg(day ORDER BY day DESC) FILTER (WHERE price))[1:10] AS price_days,
        (array_agg(day ORDER BY day DESC))[1:10] AS engaged_days
    FROM (SELECT contact_id, day, bool_or(price) AS price FROM (
              SELECT e.contact_id, CAST(timezone(who.zone, e.at) AS date) AS day,
                     e.kind = 'page_visit' AND e.data ->> 'page' = 'price' AS price
              FROM event e JOIN who ON who.id = e.contact_id
              WHERE e.contact_id = ANY (CAST(:ids AS bigint[]))
                AND e.at > CAST(:now AS timestamptz) - interval '90 days'
                AND e.kind IN ('page_visit', 'offer_click', 'quote_request', 'form', 'email_open', 'purchase',
                               'checkout_started')
              UNION ALL
              SELECT m.contact_id, CAST(timezone(who.zone, m.sent_at) AS date), false
              FROM message m JOIN who ON who.id = m.contact_id
              WHERE m.contact_id = ANY (CAST(:ids AS bigint[])) AND m.kind <> 'system'
                AND m.sent_at > CAST(:now AS timestamptz) - interval '90 days') lived
          GROUP BY contact_id, day) each_day
    GROUP BY contact_id),
bought AS MATERIALIZED (
    SELECT e.contact_id, (array_agg(CAST(timezone(who.zone, e.at) AS date) ORDER BY e.at DESC))[1:10] AS days,
           CASE WHEN count(DISTINCT CAST(timezone(who.zone, e.at) AS date)) = 1 THEN 'first_buyer' ELSE 'repeat_buyer'
           END AS segment
    FROM event e JOIN who ON who.id = e.contact_id
    WHERE e.contact_id = ANY (CAST(:ids AS bigint[])) AND e.kind = 'purchase' GROUP BY e.contact_id),
felt AS MATERIALIZED (
    SELECT contact_id, sum(mood) AS sentiment, max(at) AS at FROM (
        SELECT contact_id, mood, at, row_number() OVER (PARTITION BY contact_id ORDER BY at DESC, mood) AS place
        FROM (SELECT e.contact_id, e.at,
                     CASE WHEN e.kind IN ('complaint', 'churn_reason') THEN -1
                          WHEN e.kind = 'feedback' AND e.data ->> 'intent' = 'missing_feature' THEN -1
                          ELSE 1 END AS mood
              FROM event e WHERE e.contact_id = ANY (CAST(:ids AS bigint[]))
                AND e.kind IN ('complaint', 'feedback', 'churn_reason', 'return_accepted', 'renewal_accepted')
              UNION ALL
              SELECT h.contact_id, h.opened_at, -1 FROM handoff h
              WHERE h.contact_id = ANY (CAST(:ids AS bigint[])) AND h.reason = 'frustration') moods) latest
    WHERE place <= 3 GROUP BY contact_id),
contracts AS MATERIALIZED (
    SELECT DISTINCT ON (k.contact_id) k.contact_id, k.kind, k.expires_on,
           CASE WHEN k.expires_on >= who.today AND count(*) OVER (PARTITION BY k.contact_id) > 1
                THEN timezone(who.zone, CAST(k.expires_on + 1 AS timestamp)) END AS due_at
    FROM contract k JOIN who ON who.id = k.contact_id
    WHERE k.contact_id = ANY (CAST(:ids AS bigint[]))
    ORDER BY k.contact_id, k.expires_on IS NULL, k.expires_on < who.today, abs(k.expires_on - who.today), k.kind),
everywhere AS MATERIALIZED (
    SELECT country, kind, max(coalesce(valid_until_on, 'infinity')) AS until_on FROM offer
    WHERE region IS NULL AND province IS NULL AND municipality IS NULL GROUP BY country, kind)
INSERT INTO contact_stat AS old (
    contact_id, timezone, contract_kind, expires_on, created_on, replied_on, reply_minutes, clicked_on, quoted_on,
    visited_on, form_on, cart_on, bought_on, lapses_on, orders, spent, cancelled_on, objected_on, ignored_in_a_row,
    ignored_on, sentiment, sentiment_on, price_days, bought_days, engaged_days, value, area_served, saving_percent,
    saving_on, due_at, rolled_at)
SELECT who.id, who.timezone, contracts.kind, contracts.expires_on, CAST(timezone(who.zone, who.created_at) AS date),
    CAST(timezone(who.zone, said.replied_at) AS date), reacted.minutes,
    CAST(timezone(who.zone, happened.clicked_at) AS date), CAST(timezone(who.zone, happened.quoted_at) AS date),
    CAST(timezone(who.zone, happened.visited_at) AS date), CAST(timezone(who.zone, happened.form_at) AS date),
    CASE WHEN happened.cart_at > coalesce(happened.settled_at, '-infinity')
         THEN CAST(timezone(who.zone, happened.cart_at) AS date) END,
    CAST(timezone(who.zone, happened.bought_at) AS date),
    CASE WHEN bought.segment IS NOT NULL THEN CAST(timezone(who.zone, happened.bought_at) AS date) + coalesce(
        (SELECT CAST(d.days AS int) FROM defection_limit d WHERE d.segment = bought.segment),
        (SELECT CAST(d.days AS int) FROM defection_limit d WHERE d.segment = 'all')) END,
    coalesce(happened.orders, 0),
    CAST(trunc(coalesce(greatest(happened.spent, 0), 0)) AS bigint),
    CAST(timezone(who.zone, happened.cancelled_at) AS date), CAST(timezone(who.zone, happened.objected_at) AS date),
    coalesce(ignored.number, 0), CAST(timezone(who.zone, ignored.at) AS date),
    felt.sentiment, CAST(timezone(who.zone, felt.at) AS date),
    coalesce(days.price_days, '{}'), coalesce(bought.days, '{}'), coalesce(days.engaged_days, '{}'),
    CAST(trunc(who.value) AS bigint),
    CASE WHEN contracts.kind IN ('electricity', 'gas') AND who.country IS NOT NULL THEN CAST(
        coalesce(everywhere.until_on >= who.today, false)
        OR EXISTS (SELECT 1 FROM offer o JOIN place p ON p.country = o.country
                   WHERE o.country = who.country AND o.kind = contracts.kind
                     AND p.postcode = who.postcode
                     AND (o.valid_until_on IS NULL OR o.valid_until_on >= who.today)
                     AND (p.region_code = ANY (string_to_array(o.region, ';'))
                          OR p.province_code = ANY (string_to_array(o.province, ';'))
                          OR p.municipality_code = ANY (string_to_array(o.municipality, ';')))) AS int) END,
    CAST(floor(next.saving_percent) AS bigint), CAST(timezone(who.zone, next.computed_at) AS date),
    least(ignored.due_at, contracts.due_at), :now
FROM who
LEFT JOIN happened ON happened.contact_id = who.id
LEFT JOIN said ON said.contact_id = who.id
LEFT JOIN ignored ON ignored.contact_id = who.id
LEFT JOIN reacted ON reacted.contact_id = who.id
LEFT JOIN days ON days.contact_id = who.id
LEFT JOIN bought ON bought.contact_id = who.id
LEFT JOIN felt ON felt.contact_id = who.id
LEFT JOIN contracts ON contracts.contact_id = who.id
LEFT JOIN everywhere ON everywhere.country = who.country AND everywhere.kind = contracts.kind
LEFT JOIN next_offer next ON next.contact_id = who.id AND next.kind = contracts.kind
ORDER BY who.id
ON CONFLICT (contact_id) DO UPDATE SET
    timezone = excluded.timezone, contract_kind = excluded.contract_kind, expires_on = excluded.expires_on,
    created_on = excluded.created_on, replied_on = excluded.replied_on, reply_minutes = excluded.reply_minutes,
    clicked_on = excluded.clicked_on, quoted_on = excluded.quoted_on, visited_on = excluded.visited_on,
    form_on = excluded.form_on, cart_on = excluded.cart_on, bought_on = excluded.bought_on,
    lapses_on = excluded.lapses_on, orders = excluded.orders, spent = excluded.spent,
    cancelled_on = excluded.cancelled_on, objected_on = excluded.objected_on,
    ignored_in_a_row = excluded.ignored_in_a_row, ignored_on = excluded.ignored_on, sentiment = excluded.sentiment,
    sentiment_on = excluded.sentiment_on, price_days = excluded.price_days, bought_days = excluded.bought_days,
    engaged_days = excluded.engaged_days, value = excluded.value, area_served = excluded.area_served,
    saving_percent = excluded.saving_percent, saving_on = excluded.saving_on, due_at = excluded.due_at,
    rolled_at = excluded.rolled_at
-- A row that says the same is left alone: most do, and writing costs more than reading.
WHERE (
    old.timezone, old.contract_kind, old.expires_on, old.created_on, old.replied_on, old.reply_minutes,
    old.clicked_on, old.quoted_on, old.visited_on, old.form_on, old.cart_on, old.bought_on, old.lapses_on, old.orders,
    old.spent, old.cancelled_on, old.objected_on, old.ignored_in_a_row, old.ignored_on, old.sentiment, old.sentiment_on,
    old.price_days, old.bought_days, old.engaged_days, old.value, old.area_served, old.saving_percent, old.saving_on,
    old.due_at
) IS DISTINCT FROM (
    excluded.timezone, excluded.contract_kind, excluded.expires_on, excluded.created_on, excluded.replied_on,
    excluded.reply_minutes, excluded.clicked_on, excluded.quoted_on, excluded.visited_on, excluded.form_on,
    excluded.cart_on, excluded.bought_on, excluded.lapses_on, excluded.orders, excluded.spent,
    excluded.cancelled_on, excluded.objected_on, excluded.ignored_in_a_row, excluded.ignored_on,
    excluded.sentiment, excluded.sentiment_on,
    excluded.price_days, excluded.bought_days, excluded.engaged_days, excluded.value, excluded.area_served,
    excluded.saving_percent, excluded.saving_on, excluded.due_at
)
