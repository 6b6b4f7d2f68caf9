-- The measures of a scorecard, each said once: what is counted, of what, in which unit. The functions that show them are made from this list.

CREATE FUNCTION tiering.scorecard_measures()
    RETURNS TABLE (n integer, measure text, asked_as text, unit text, numerator text, denominator text, factor integer, digits integer, title_en text, title_zh text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- numerator and denominator are figures of tier_scorecard_customers(), added up over the customers of a tier. Without a denominator the measure
    -- is the sum itself.
    SELECT row_number() OVER ()::integer, m.measure, m.asked_as, m.unit, m.numerator, m.denominator, m.factor, m.digits, m.title_en, m.title_zh
    FROM (VALUES
        ('customers', 'R02', 'customers', 'at_start', NULL, 1, 0, 'Customers', '客户数'),
        ('stayed', 'R02', 'customers', 'stayed', NULL, 1, 0, 'Stayed in the tier', '等级不变'),
        ('moved_up', 'R02', 'customers', 'moved_up', NULL, 1, 0, 'Moved up', '升级'),
        ('moved_down', 'R02', 'customers', 'moved_down', NULL, 1, 0, 'Moved down', '降级'),
        ('gone', 'R02', 'customers', 'gone', NULL, 1, 0, 'Gone', '离开项目'),
        ('csat_answers', 'M01', 'answers', 'csat_answers', NULL, 1, 0, 'Answers about satisfaction', '满意度答卷数'),
        ('csat', 'M01', 'share', 'csat_positive', 'csat_answers', 1, 3, 'Satisfied', '满意率'),
        ('nps_answers', 'M01', 'answers', 'nps_answers', NULL, 1, 0, 'Answers about recommending', '净推荐值答卷数'),
        ('nps', 'M01', 'points', 'nps_net', 'nps_answers', 100, 1, 'Net promoter score', '净推荐值'),
        ('buyers', 'M02', 'customers', 'buying', NULL, 1, 0, 'Buyers', '购买客户数'),
        ('repeat_rate', 'M02', 'share', 'repeat_buying', 'buying', 1, 3, 'Bought on several days', '复购率'),
        ('repeat_rate_to_date', 'M02', 'share', 'repeated_ever', 'bought_ever', 1, 3, 'Ever bought on several days', '累计复购率'),
        ('retained', 'M02', 'share', 'retained', 'bought_before', 1, 3, 'Bought before and again', '留存率'),
        ('churned', 'M02', 'share', 'churned', 'bought_ever', 1, 3, 'Silent buyers', '流失率'),
        ('referrals', 'M02', 'referrals', 'referrals', NULL, 1, 0, 'Referrals', '转介绍数'),
        ('referring_share', 'M02', 'share', 'referring', 'at_start', 1, 3, 'Customers who refer others', '转介绍客户占比'),
        ('orders', 'M03', 'orders', 'orders', NULL, 1, 0, 'Orders', '订单数'),
        ('sales', 'M03', 'money', 'sales', NULL, 1, 2, 'Sales', '销售额'),
        ('profit', 'M03', 'money', 'profit', NULL, 1, 2, 'Profit', '利润'),
        ('sales_share', 'M03', 'share', 'sales', 'sales of all', 1, 3, 'Share of sales', '销售额占比'),
        ('sales_per_customer', 'M03', 'money', 'sales', 'at_start', 1, 2, 'Sales per customer', '户均销售额'),
        ('value_to_date', 'M04', 'money', 'value_to_date', 'valued', 1, 0, 'Value to date per customer', '累计客户价值'),
        ('value_predicted', 'M04', 'money', 'value_predicted', 'predicted', 1, 0, 'Predicted value per customer', '预计客户价值'),
        ('contacts', 'M05', 'contacts', 'contacts', NULL, 1, 0, 'Contacts', '跟进次数'),
        ('contacts_per_customer', 'M05', 'contacts', 'contacts', 'at_start', 1, 2, 'Contacts per customer', '户均跟进次数'),
        ('on_time_share', 'M05', 'share', 'on_time', 'timed', 1, 3, 'Contacts on time', '按时跟进率'),
        ('new_customers', 'M06', 'customers', 'is_new', NULL, 1, 0, 'New customers', '新增客户数'),
        ('acquisition_cost', 'M06', 'money', 'acquisition_cost', NULL, 1, 2, 'Cost of winning customers', '获客成本总额'),
        ('cac', 'M06', 'money', 'acquisition_cost', 'is_new', 1, 2, 'Cost per customer won', '单客获客成本'),
        ('retention_cost', 'M07', 'money', 'retention_cost', NULL, 1, 2, 'Cost of keeping customers', '维系成本总额'),
        ('crc', 'M07', 'money', 'retention_cost', 'at_start', 1, 2, 'Cost of keeping a customer', '单客维系成本'),
        ('opportunities', 'M08', 'opportunities', 'opportunities', NULL, 1, 0, 'Opportunities', '商机数'),
        ('taken', 'M08', 'share', 'taken', 'opportunities', 1, 3, 'Opportunities taken', '商机转化率'),
        ('cross_sold', 'M08', 'orders', 'cross_sold', NULL, 1, 0, 'Orders of something new', '交叉销售订单数'),
        ('up_sold', 'M08', 'orders', 'up_sold', NULL, 1, 0, 'Orders larger than ever', '向上销售订单数'),
        ('tickets', 'M09', 'tickets', 'tickets', NULL, 1, 0, 'Tickets', '工单数'),
        ('open_tickets', 'M09', 'tickets', 'open_tickets', NULL, 1, 0, 'Tickets still open', '未解决工单数'),
        ('resolved', 'M09', 'tickets', 'resolved', NULL, 1, 0, 'Tickets resolved', '已解决工单数'),
        ('mean_resolve', 'M09', 'hours', 'resolve_hours', 'resolved', 1, 1, 'Mean hours to resolve', '平均解决时长（小时）'),
        ('median_resolve', 'M09', 'hours', 'median of resolve_times', 'resolved', 1, 1, 'Median hours to resolve', '解决时长中位数（小时）'),
        ('within_target_share', 'M09', 'share', 'within_target', 'targeted', 1, 3, 'Resolved within the target of the tier', '按等级时限解决率'),
        ('complaints', 'M10', 'complaints', 'complaints', NULL, 1, 0, 'Complaints', '投诉数'),
        ('complaints_per_customer', 'M10', 'complaints', 'complaints', 'at_start', 1, 3, 'Complaints per customer', '户均投诉数'),
        ('complaint_rate', 'M10', 'share', 'complaints', 'tickets', 1, 3, 'Complaints per ticket', '工单投诉率'),
        ('active_share', 'M11', 'share', 'active', 'at_start', 1, 3, 'Active customers', '活跃客户占比'),
        ('activity_per_customer', 'M11', 'events', 'activity', 'at_start', 1, 2, 'Activity per customer', '户均活跃次数'),
        ('relation_answers', 'M12', 'answers', 'relation_answers', NULL, 1, 0, 'Marks for the relationship', '客情评分数'),
        ('relation', 'M12', 'points', 'relation_sum', 'relation_answers', 1, 2, 'Relationship', '客情关系评分'),
        ('promises_kept_share', 'M12', 'share', 'promises_kept', 'promises', 1, 3, 'Promises kept', '承诺兑现率'),
        ('program_cost', 'M14', 'money', 'program_cost', NULL, 1, 2, 'Cost of the tiering', '分级项目成本')
    ) m (measure, asked_as, unit, numerator, denominator, factor, digits, title_en, title_zh);
END;
COMMENT ON FUNCTION tiering.scorecard_measures() IS
    'the measures of tier_scorecard(): name, the id under which the sources ask for it, unit, the figures of tier_scorecard_customers() that are added up above and below the line, factor, digits that are shown, titles';

CREATE FUNCTION tiering.less_is_better(measure text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN $1 IN ('moved_down', 'gone', 'churned', 'acquisition_cost', 'cac', 'retention_cost', 'crc', 'tickets', 'open_tickets', 'mean_resolve', 'median_resolve',
        'complaints', 'complaints_per_customer', 'complaint_rate', 'program_cost');
COMMENT ON FUNCTION tiering.less_is_better(text) IS 'whether a measure of scorecard_measures() is the better the less it is, so that a target is a limit from above';

CREATE TABLE tiering.scorecard_targets (
    program text COLLATE "C" NOT NULL,
    tier text COLLATE "C" NOT NULL,
    measure text COLLATE "C" NOT NULL,
    value numeric NOT NULL CHECK (value NOT IN ('NaN', 'Infinity', '-Infinity')),
    set_at timestamptz NOT NULL DEFAULT now(),
    set_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (program, tier, measure)
);
GRANT SELECT ON tiering.scorecard_targets TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.scorecard_targets TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.scorecard_targets', '');
COMMENT ON TABLE tiering.scorecard_targets IS 'what a measure is to reach in a tier; set by tiering.set_target()';
COMMENT ON COLUMN tiering.scorecard_targets.program IS 'program';
COMMENT ON COLUMN tiering.scorecard_targets.tier IS 'code of the tier, or all';
COMMENT ON COLUMN tiering.scorecard_targets.measure IS 'measure, see tiering.scorecard_measures()';
COMMENT ON COLUMN tiering.scorecard_targets.value IS 'value to reach, in the unit of the measure';
COMMENT ON COLUMN tiering.scorecard_targets.set_at IS 'when it was set';
COMMENT ON COLUMN tiering.scorecard_targets.set_by IS 'by which session user';

CREATE FUNCTION tiering.require_measure(measure text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM tiering.scorecard_measures() m WHERE m.measure = require_measure.measure) THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('there is no measure "%s"', measure),
            HINT = 'SELECT measure, title_en, title_zh FROM tiering.scorecard_measures() lists them.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_measure(text) IS 'ERROR 42704 if there is no such measure';

CREATE FUNCTION tiering.set_target(program text, tier text, measure text, value numeric) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    PERFORM tiering.hold_program(program);
    PERFORM tiering.require_measure(measure);
    IF tier <> 'all' AND NOT EXISTS (SELECT FROM tiering.program_tiers t WHERE t.program = set_target.program AND t.tier = set_target.tier) THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('program "%s" has no tier "%s"', program, tier),
            DETAIL = format('Its tiers are: %s.', (SELECT string_agg(t.tier, ', ' ORDER BY t.rank) FROM tiering.program_tiers t WHERE t.program = set_target.program)),
            HINT = 'Name one of them, or all.';
    END IF;
    IF tier IS NULL OR value IN ('NaN', 'Infinity', '-Infinity') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'a target is a number for a tier, or for all',
            HINT = format('SELECT tiering.set_target(%L, ''all'', %L, 0.9) sets one; NULL as the value takes it away.', program, measure);
    END IF;
    IF value IS NULL THEN
        DELETE FROM tiering.scorecard_targets t WHERE t.program = set_target.program AND t.tier = set_target.tier AND t.measure = set_target.measure;
        RETURN;
    END IF;
    INSERT INTO tiering.scorecard_targets AS t (program, tier, measure, value) VALUES (program, tier, measure, value)
    ON CONFLICT ON CONSTRAINT scorecard_targets_pkey DO UPDATE SET value = excluded.value, set_at = DEFAULT, set_by = DEFAULT;
END
$$;
COMMENT ON FUNCTION tiering.set_target(text, text, text, numeric) IS
    'sets what a measure is to reach in a tier, or in all; NULL takes the target away. ERROR 42704 unknown program, tier or measure, 22023 not a finite number';

CREATE TABLE tiering.program_lifetime_models (
    program text COLLATE "C" PRIMARY KEY,
    purchases tiering.lifetime_model NOT NULL,
    spend tiering.lifetime_model NOT NULL,
    horizon double precision NOT NULL,
    discount_rate double precision NOT NULL,
    set_at timestamptz NOT NULL DEFAULT now(),
    set_by text NOT NULL DEFAULT session_user
);
GRANT SELECT ON tiering.program_lifetime_models TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.program_lifetime_models TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.program_lifetime_models', '');
COMMENT ON TABLE tiering.program_lifetime_models IS 'by which models the lifetime value of the customers of a program is predicted; set by tiering.set_lifetime_model()';
COMMENT ON COLUMN tiering.program_lifetime_models.program IS 'program';
COMMENT ON COLUMN tiering.program_lifetime_models.purchases IS 'model of how often customers buy';
COMMENT ON COLUMN tiering.program_lifetime_models.spend IS 'model of how much they spend';
COMMENT ON COLUMN tiering.program_lifetime_models.horizon IS 'how far ahead value is counted, in units of the model''s time';
COMMENT ON COLUMN tiering.program_lifetime_models.discount_rate IS 'discount rate per unit';
COMMENT ON COLUMN tiering.program_lifetime_models.set_at IS 'when it was set';
COMMENT ON COLUMN tiering.program_lifetime_models.set_by IS 'by which session user';

CREATE FUNCTION tiering.set_lifetime_model(program text, purchases tiering.lifetime_model, spend tiering.lifetime_model, horizon double precision DEFAULT 52,
    discount_rate double precision DEFAULT 0) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    PERFORM tiering.hold_program(program);
    IF purchases IS NOT NULL AND spend IS NOT NULL THEN
        IF horizon IS NULL OR discount_rate IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'horizon and discount_rate must not be NULL',
                HINT = 'Leave them out for 52 and 0, or give how far ahead value is counted, in units of the model, and the discount rate per unit.';
        END IF;
        -- What the models, the horizon and the rate do not fit for is said now, not by every scorecard.
        PERFORM tiering.customer_lifetime_value(purchases, spend, tiering.rfm(day, 1::numeric), date '2000-03-01', horizon, discount_rate)
        FROM unnest('{2000-01-01,2000-02-01}'::date[]) AS day;
        INSERT INTO tiering.program_lifetime_models (program, purchases, spend, horizon, discount_rate)
        VALUES (program, purchases, spend, horizon, discount_rate)
        ON CONFLICT ON CONSTRAINT program_lifetime_models_pkey DO UPDATE SET purchases = excluded.purchases, spend = excluded.spend, horizon = excluded.horizon,
            discount_rate = excluded.discount_rate, set_at = DEFAULT, set_by = DEFAULT;
    ELSIF purchases IS NULL AND spend IS NULL THEN
        DELETE FROM tiering.program_lifetime_models m WHERE m.program = set_lifetime_model.program;
    ELSE
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'a lifetime value needs both models',
            HINT = 'Give one from fit_bg_nbd(), fit_mbg_nbd() or fit_pareto_nbd() and one from fit_gamma_gamma(), or NULL for both to take them away.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.set_lifetime_model(text, tiering.lifetime_model, tiering.lifetime_model, double precision, double precision) IS
    'says by which models tier_scorecard() predicts lifetime value: of purchases and of spend, the horizon and the discount rate per unit of the models'' time; '
    'NULL models take it away. ERROR 42704 unknown program, 22023 a model of the wrong kind, a horizon or a rate out of range, 22004 one of them is NULL';
