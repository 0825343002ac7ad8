// Which words and functions has the SQL of which database?

import { option, type Option } from "./ranked";

const COMMON =
  "SELECT|DISTINCT|FROM|WHERE|GROUP BY|HAVING|ORDER BY|LIMIT|OFFSET|JOIN|LEFT JOIN|RIGHT JOIN|INNER JOIN|CROSS JOIN|NATURAL JOIN|ON|USING|UNION|UNION ALL|INTERSECT|EXCEPT|WITH|WITH RECURSIVE|AS|AND|OR|NOT|IN|EXISTS|BETWEEN|LIKE|IS NULL|IS NOT NULL|NULL|TRUE|FALSE|CASE|WHEN|THEN|ELSE|END|CAST|ASC|DESC|VALUES|OVER|PARTITION BY|WINDOW|ROWS BETWEEN|UNBOUNDED PRECEDING|CURRENT ROW|UNBOUNDED FOLLOWING|CURRENT_DATE|CURRENT_TIMESTAMP|INTERVAL|EXPLAIN|ALL|ANY|INSERT INTO|UPDATE|SET|DELETE FROM";
const MORE: Record<string, string> = {
  postgres: "FULL JOIN|LATERAL|ILIKE|SIMILAR TO|IS DISTINCT FROM|IS NOT DISTINCT FROM|DISTINCT ON|FILTER|WITHIN GROUP|NULLS FIRST|NULLS LAST|FETCH FIRST|RETURNING|MATERIALIZED|NOT MATERIALIZED|TABLESAMPLE|GROUPING SETS|ROLLUP|CUBE|ARRAY|ROW|COLLATE|AT TIME ZONE|SHOW|EXPLAIN ANALYZE|FOR UPDATE|TABLE|MERGE INTO",
  mysql: "STRAIGHT_JOIN|REGEXP|RLIKE|XOR|DIV|MOD|ROLLUP|FOR UPDATE|SHOW TABLES|SHOW CREATE TABLE|SHOW COLUMNS FROM|SHOW INDEX FROM|DESCRIBE|USE INDEX|FORCE INDEX|IGNORE INDEX|LATERAL|BINARY|COLLATE|EXPLAIN ANALYZE",
  sqlite: "FULL JOIN|GLOB|REGEXP|MATCH|NULLS FIRST|NULLS LAST|FILTER|COLLATE|INDEXED BY|EXPLAIN QUERY PLAN|MATERIALIZED|RETURNING",
  sqlserver: "TOP|FULL JOIN|CROSS APPLY|OUTER APPLY|OFFSET 0 ROWS FETCH NEXT|FOR JSON PATH|OPTION|NOLOCK|COLLATE",
};

const FUNCTIONS = "count|sum|avg|min|max|coalesce|nullif|round|abs|ceil|floor|lower|upper|trim|ltrim|rtrim|length|replace|substr|row_number|rank|dense_rank|percent_rank|cume_dist|ntile|lag|lead|first_value|last_value|nth_value";
const MORE_FUNCTIONS: Record<string, string> = {
  postgres:
    "now|date_trunc|date_part|extract|age|to_char|to_date|to_timestamp|to_number|make_date|make_interval|clock_timestamp|date_bin|generate_series|unnest|array_agg|array_length|array_position|array_to_string|string_to_array|string_agg|split_part|regexp_replace|regexp_match|regexp_matches|regexp_split_to_table|position|strpos|left|right|lpad|rpad|repeat|reverse|initcap|concat|concat_ws|format|md5|encode|decode|greatest|least|random|mod|power|sqrt|ln|log|exp|sign|trunc|width_bucket|bool_and|bool_or|every|json_agg|jsonb_agg|json_object_agg|jsonb_object_agg|json_build_object|jsonb_build_object|jsonb_array_elements|jsonb_array_elements_text|jsonb_each|jsonb_each_text|jsonb_object_keys|jsonb_path_query|jsonb_typeof|jsonb_set|jsonb_pretty|to_json|to_jsonb|row_to_json|percentile_cont|percentile_disc|mode|corr|stddev|variance|grouping|pg_size_pretty|pg_total_relation_size|pg_relation_size|pg_typeof|gen_random_uuid|char_length|octet_length|starts_with|substring|translate|current_setting|version",
  mysql:
    "now|curdate|curtime|date|date_add|date_sub|date_format|datediff|timestampdiff|timestampadd|str_to_date|unix_timestamp|from_unixtime|year|month|day|hour|minute|second|week|weekday|dayofweek|last_day|convert_tz|ifnull|if|isnull|greatest|least|concat|concat_ws|group_concat|substring|substring_index|left|right|lpad|rpad|repeat|reverse|locate|instr|find_in_set|field|format|char_length|regexp_replace|regexp_like|regexp_substr|json_extract|json_unquote|json_object|json_array|json_arrayagg|json_objectagg|json_contains|json_keys|json_length|json_table|json_valid|mod|power|sqrt|ln|log|log10|exp|sign|truncate|rand|crc32|md5|sha2|hex|unhex|uuid|bin_to_uuid|uuid_to_bin|std|stddev|variance|any_value|bit_and|bit_or|convert|version|database|inet_aton|inet_ntoa",
  sqlite:
    "date|time|datetime|julianday|strftime|unixepoch|ifnull|iif|instr|printf|format|quote|hex|unhex|typeof|random|randomblob|char|unicode|glob|like|group_concat|string_agg|total|json|json_extract|json_object|json_array|json_each|json_tree|json_group_array|json_group_object|json_type|json_valid|mod|power|sqrt|ln|log|exp|sign|trunc|generate_series|likelihood|zeroblob|sqlite_version|concat|concat_ws",
  sqlserver: "getdate|dateadd|datediff|datepart|datefromparts|eomonth|isnull|iif|choose|len|charindex|substring|left|right|string_agg|format|try_convert|json_value|object_id|db_name",
};

const said = (common: string, more: Record<string, string>, engine: string): string[] => [...new Set([...common.split("|"), ...(more[engine] ?? more["postgres"] ?? "").split("|")])];

export interface Words {
  words: readonly Option[];
  functions: readonly Option[];
}

const made = new Map<string, Words>();

export function wordsOf(engine: string): Words {
  const there = made.get(engine);
  if (there !== undefined) {
    return there;
  }
  const words = {
    words: said(COMMON, MORE, engine).map((label) => option({ label, type: "keyword", boost: 3 })),
    functions: said(FUNCTIONS, MORE_FUNCTIONS, engine).map((label) => option({ label, type: "function", detail: "function", boost: 0 })),
  };
  made.set(engine, words);
  return words;
}
