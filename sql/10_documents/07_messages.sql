-- Messages in Chinese. What reaches the log is translated on its way; what goes to the client alone says so.

CREATE FUNCTION tiering.translated(message text) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'translated_message';
COMMENT ON FUNCTION tiering.translated(text) IS
    'a message in the language of messages (setting customer_tiering.lang, or lc_messages), where the product has it in Chinese; otherwise as it is. For what goes to the client alone, such as a NOTICE';
