-- group: names, comments, strings, long texts
---
SELECT "update", "delete", "from", "Mixed Case", "a""b" FROM "order" WHERE "select" < 4 ORDER BY "select"
---
SELECT o."update" AS "insert", o."delete" AS "drop", count(*) AS "truncate" FROM public."order" AS o GROUP BY 1, 2 ORDER BY 1
---
SELECT update.update FROM (SELECT 1 AS update) AS update
---
SELECT x.delete, x.insert, x.drop, x.alter, x.set, x.call, x.copy, x.lock, x.truncate, x.execute, x.vacuum FROM (SELECT 1 AS delete, 2 AS insert, 3 AS drop, 4 AS alter, 5 AS set, 6 AS call, 7 AS copy, 8 AS lock, 9 AS truncate, 10 AS execute, 11 AS vacuum) AS x
---
SELECT * FROM "drop table" WHERE "insert into" > 0 ORDER BY "insert into"
---
SELECT ";" AS "; DROP TABLE customers; --", "--" AS "/*" FROM "drop table" ORDER BY 1
---
SELECT "naïve", "数量", "😀" FROM "Größe" ORDER BY 1
---
SELECT U&"na\00EFve", U&"!6570!91cf" UESCAPE '!' FROM U&"Gr\00F6\00DFe" ORDER BY 1
---
SELECT 'Zażółć gęślą jaźń', '日本語', '😀🎉', 'مرحبا', 'e' || U&'\0301', '\u0041', E'\u0041\U00000042'
---
SELECT größe, 名前 FROM (SELECT 1 AS größe, 'x' AS 名前) AS übersicht
---
SELECT 'DROP TABLE customers', 'x''; DELETE FROM customers; --', '; UPDATE drafts SET text = 1', '/* not a comment */', '-- nor this'
---
SELECT count(*) FROM customers WHERE name = 'Robert''); DROP TABLE customers;--'
---
SELECT * FROM documents WHERE body LIKE '%insert into%' OR title = 'delete from' OR body ILIKE '%truncate%'
---
SELECT $$it's a 'dollar' quoted "string" with DROP TABLE x;$$, $tag$ $$ nested $$ $tag$, $ü$x$ü$, $$$$
---
SELECT $body$
BEGIN
  DELETE FROM customers;
END;
$body$ AS text
---
SELECT E'tab\there', E'quote\'s', E'\\back', E'\x41\101\n', e'lower', 'back\slash', E'a''b'
---
SELECT U&'\0441\043B\043E\043D', U&'d!0061t!+000061' UESCAPE '!', U&'plain', u&'\\'
---
SELECT 'first '
  'second '

  'third' AS joined
---
SELECT N'national', B'01', X'ff', b'1', x'0A'
---
SELECT 1 /* a /* nested */ comment */ + 2 -- and the end
---
/* leading */ SELECT /* in the middle */ count(*) /* DROP TABLE customers */ FROM customers /* trailing */
---
-- a line first; DROP TABLE customers;
SELECT 1
-- and one last
---
SELECT * FROM categories ORDER BY id /*application='store',controller='products',action='index',traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'*/
---
/*application:Store,controller:orders,action:show*/ SELECT "orders".* FROM "orders" WHERE "orders"."id" = 5
---
SELECT count(*) FROM orders /*key='%27quoted%27',db_driver='psycopg',framework='django%3A5.0',route='%5Eorders%2F%24'*/;
---
/* service: billing; env: prod; span: 1234 */
/* second comment */
-- third
SELECT id FROM orders ORDER BY id LIMIT 1;
---
/*+ SeqScan(customers) Parallel(orders 4) */ SELECT count(*) FROM customers
---
SELECT	1	AS	tabs
---
  SELECT
     1   AS  spaces  ,

     2


  ;
---
SeLeCt CoUnT(*) fRoM cUsToMeRs WhErE iD<10
---
select(1),(2),-1,+1,- -1,1-1
---
SELECT 1.,.5,1e3,1.5e-3,0.0001,12345678901234567890,-9223372036854775808,'NaN'::float,'Infinity'::numeric::text
---
SELECT"id"FROM"categories"WHERE"id"=1
---
SELECT id FROM customers WHERE id IN(1,2,3)AND name<>''OR id=4 ORDER BY id
---
SELECT ((((((((((1))))))))))
---
SELECT customers FROM customers WHERE customers.id = 1
---
SELECT public.customers.name, store.public.customers.id FROM store.public.customers WHERE id = 1
---
SELECT pg_catalog.count(*), pg_catalog.max(id), pg_catalog.lower('X'), "pg_catalog"."upper"('x'), "lower"('Y') FROM pg_catalog.pg_namespace, public.categories
---
SELECT 1 OPERATOR(pg_catalog.+) 2, 3 OPERATOR(pg_catalog.=) 3, 'a' OPERATOR(pg_catalog.||) 'b'
---
SELECT name AS value, id key FROM categories type ORDER BY key
---
SELECT year, month, day, hour, value, data, user_name, role, password, status, action, view, function, language, level, text, date, time, timestamp FROM (SELECT 1 AS year, 2 AS month, 3 AS day, 4 AS hour, 5 AS value, 6 AS data, 7 AS user_name, 8 AS role, 9 AS password, 10 AS status, 11 AS action, 12 AS view, 13 AS function, 14 AS language, 15 AS level, 16 AS text, 17 AS date, 18 AS time, 19 AS timestamp) AS words
---
SELECT (SELECT (SELECT (SELECT (SELECT (SELECT max(id) FROM customers)))))
---
SELECT count(*) FROM orders WHERE id IN (1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64,65,66,67,68,69,70,71,72,73,74,75,76,77,78,79,80,81,82,83,84,85,86,87,88,89,90,91,92,93,94,95,96,97,98,99,100,101,102,103,104,105,106,107,108,109,110,111,112,113,114,115,116,117,118,119,120,121,122,123,124,125,126,127,128,129,130,131,132,133,134,135,136,137,138,139,140,141,142,143,144,145,146,147,148,149,150,151,152,153,154,155,156,157,158,159,160,161,162,163,164,165,166,167,168,169,170,171,172,173,174,175,176,177,178,179,180,181,182,183,184,185,186,187,188,189,190,191,192,193,194,195,196,197,198,199,200,201,202,203,204,205,206,207,208,209,210,211,212,213,214,215,216,217,218,219,220,221,222,223,224,225,226,227,228,229,230,231,232,233,234,235,236,237,238,239,240,241,242,243,244,245,246,247,248,249,250,251,252,253,254,255,256,257,258,259,260,261,262,263,264,265,266,267,268,269,270,271,272,273,274,275,276,277,278,279,280,281,282,283,284,285,286,287,288,289,290,291,292,293,294,295,296,297,298,299,300,301,302,303,304,305,306,307,308,309,310,311,312,313,314,315,316,317,318,319,320,321,322,323,324,325,326,327,328,329,330,331,332,333,334,335,336,337,338,339,340,341,342,343,344,345,346,347,348,349,350,351,352,353,354,355,356,357,358,359,360,361,362,363,364,365,366,367,368,369,370,371,372,373,374,375,376,377,378,379,380,381,382,383,384,385,386,387,388,389,390,391,392,393,394,395,396,397,398,399,400,401,402,403,404,405,406,407,408,409,410,411,412,413,414,415,416,417,418,419,420,421,422,423,424,425,426,427,428,429,430,431,432,433,434,435,436,437,438,439,440,441,442,443,444,445,446,447,448,449,450,451,452,453,454,455,456,457,458,459,460,461,462,463,464,465,466,467,468,469,470,471,472,473,474,475,476,477,478,479,480,481,482,483,484,485,486,487,488,489,490,491,492,493,494,495,496,497,498,499,500,501,502,503,504,505,506,507,508,509,510,511,512,513,514,515,516,517,518,519,520,521,522,523,524,525,526,527,528,529,530,531,532,533,534,535,536,537,538,539,540,541,542,543,544,545,546,547,548,549,550,551,552,553,554,555,556,557,558,559,560,561,562,563,564,565,566,567,568,569,570,571,572,573,574,575,576,577,578,579,580,581,582,583,584,585,586,587,588,589,590,591,592,593,594,595,596,597,598,599,600,601,602,603,604,605,606,607,608,609,610,611,612,613,614,615,616,617,618,619,620,621,622,623,624,625,626,627,628,629,630,631,632,633,634,635,636,637,638,639,640,641,642,643,644,645,646,647,648,649,650,651,652,653,654,655,656,657,658,659,660,661,662,663,664,665,666,667,668,669,670,671,672,673,674,675,676,677,678,679,680,681,682,683,684,685,686,687,688,689,690,691,692,693,694,695,696,697,698,699,700,701,702,703,704,705,706,707,708,709,710,711,712,713,714,715,716,717,718,719,720,721,722,723,724,725,726,727,728,729,730,731,732,733,734,735,736,737,738,739,740,741,742,743,744,745,746,747,748,749,750,751,752,753,754,755,756,757,758,759,760,761,762,763,764,765,766,767,768,769,770,771,772,773,774,775,776,777,778,779,780,781,782,783,784,785,786,787,788,789,790,791,792,793,794,795,796,797,798,799,800,801,802,803,804,805,806,807,808,809,810,811,812,813,814,815,816,817,818,819,820,821,822,823,824,825,826,827,828,829,830,831,832,833,834,835,836,837,838,839,840,841,842,843,844,845,846,847,848,849,850,851,852,853,854,855,856,857,858,859,860,861,862,863,864,865,866,867,868,869,870,871,872,873,874,875,876,877,878,879,880,881,882,883,884,885,886,887,888,889,890,891,892,893,894,895,896,897,898,899,900,901,902,903,904,905,906,907,908,909,910,911,912,913,914,915,916,917,918,919,920,921,922,923,924,925,926,927,928,929,930,931,932,933,934,935,936,937,938,939,940,941,942,943,944,945,946,947,948,949,950,951,952,953,954,955,956,957,958,959,960,961,962,963,964,965,966,967,968,969,970,971,972,973,974,975,976,977,978,979,980,981,982,983,984,985,986,987,988,989,990,991,992,993,994,995,996,997,998,999,1000,1001,1002,1003,1004,1005,1006,1007,1008,1009,1010,1011,1012,1013,1014,1015,1016,1017,1018,1019,1020,1021,1022,1023,1024,1025,1026,1027,1028,1029,1030,1031,1032,1033,1034,1035,1036,1037,1038,1039,1040,1041,1042,1043,1044,1045,1046,1047,1048,1049,1050,1051,1052,1053,1054,1055,1056,1057,1058,1059,1060,1061,1062,1063,1064,1065,1066,1067,1068,1069,1070,1071,1072,1073,1074,1075,1076,1077,1078,1079,1080,1081,1082,1083,1084,1085,1086,1087,1088,1089,1090,1091,1092,1093,1094,1095,1096,1097,1098,1099,1100,1101,1102,1103,1104,1105,1106,1107,1108,1109,1110,1111,1112,1113,1114,1115,1116,1117,1118,1119,1120,1121,1122,1123,1124,1125,1126,1127,1128,1129,1130,1131,1132,1133,1134,1135,1136,1137,1138,1139,1140,1141,1142,1143,1144,1145,1146,1147,1148,1149,1150,1151,1152,1153,1154,1155,1156,1157,1158,1159,1160,1161,1162,1163,1164,1165,1166,1167,1168,1169,1170,1171,1172,1173,1174,1175,1176,1177,1178,1179,1180,1181,1182,1183,1184,1185,1186,1187,1188,1189,1190,1191,1192,1193,1194,1195,1196,1197,1198,1199,1200,1201,1202,1203,1204,1205,1206,1207,1208,1209,1210,1211,1212,1213,1214,1215,1216,1217,1218,1219,1220,1221,1222,1223,1224,1225,1226,1227,1228,1229,1230,1231,1232,1233,1234,1235,1236,1237,1238,1239,1240,1241,1242,1243,1244,1245,1246,1247,1248,1249,1250,1251,1252,1253,1254,1255,1256,1257,1258,1259,1260,1261,1262,1263,1264,1265,1266,1267,1268,1269,1270,1271,1272,1273,1274,1275,1276,1277,1278,1279,1280,1281,1282,1283,1284,1285,1286,1287,1288,1289,1290,1291,1292,1293,1294,1295,1296,1297,1298,1299,1300,1301,1302,1303,1304,1305,1306,1307,1308,1309,1310,1311,1312,1313,1314,1315,1316,1317,1318,1319,1320,1321,1322,1323,1324,1325,1326,1327,1328,1329,1330,1331,1332,1333,1334,1335,1336,1337,1338,1339,1340,1341,1342,1343,1344,1345,1346,1347,1348,1349,1350,1351,1352,1353,1354,1355,1356,1357,1358,1359,1360,1361,1362,1363,1364,1365,1366,1367,1368,1369,1370,1371,1372,1373,1374,1375,1376,1377,1378,1379,1380,1381,1382,1383,1384,1385,1386,1387,1388,1389,1390,1391,1392,1393,1394,1395,1396,1397,1398,1399,1400,1401,1402,1403,1404,1405,1406,1407,1408,1409,1410,1411,1412,1413,1414,1415,1416,1417,1418,1419,1420,1421,1422,1423,1424,1425,1426,1427,1428,1429,1430,1431,1432,1433,1434,1435,1436,1437,1438,1439,1440,1441,1442,1443,1444,1445,1446,1447,1448,1449,1450,1451,1452,1453,1454,1455,1456,1457,1458,1459,1460,1461,1462,1463,1464,1465,1466,1467,1468,1469,1470,1471,1472,1473,1474,1475,1476,1477,1478,1479,1480,1481,1482,1483,1484,1485,1486,1487,1488,1489,1490,1491,1492,1493,1494,1495,1496,1497,1498,1499,1500,1501,1502,1503,1504,1505,1506,1507,1508,1509,1510,1511,1512,1513,1514,1515,1516,1517,1518,1519,1520,1521,1522,1523,1524,1525,1526,1527,1528,1529,1530,1531,1532,1533,1534,1535,1536,1537,1538,1539,1540,1541,1542,1543,1544,1545,1546,1547,1548,1549,1550,1551,1552,1553,1554,1555,1556,1557,1558,1559,1560,1561,1562,1563,1564,1565,1566,1567,1568,1569,1570,1571,1572,1573,1574,1575,1576,1577,1578,1579,1580,1581,1582,1583,1584,1585,1586,1587,1588,1589,1590,1591,1592,1593,1594,1595,1596,1597,1598,1599,1600,1601,1602,1603,1604,1605,1606,1607,1608,1609,1610,1611,1612,1613,1614,1615,1616,1617,1618,1619,1620,1621,1622,1623,1624,1625,1626,1627,1628,1629,1630,1631,1632,1633,1634,1635,1636,1637,1638,1639,1640,1641,1642,1643,1644,1645,1646,1647,1648,1649,1650,1651,1652,1653,1654,1655,1656,1657,1658,1659,1660,1661,1662,1663,1664,1665,1666,1667,1668,1669,1670,1671,1672,1673,1674,1675,1676,1677,1678,1679,1680,1681,1682,1683,1684,1685,1686,1687,1688,1689,1690,1691,1692,1693,1694,1695,1696,1697,1698,1699,1700,1701,1702,1703,1704,1705,1706,1707,1708,1709,1710,1711,1712,1713,1714,1715,1716,1717,1718,1719,1720,1721,1722,1723,1724,1725,1726,1727,1728,1729,1730,1731,1732,1733,1734,1735,1736,1737,1738,1739,1740,1741,1742,1743,1744,1745,1746,1747,1748,1749,1750,1751,1752,1753,1754,1755,1756,1757,1758,1759,1760,1761,1762,1763,1764,1765,1766,1767,1768,1769,1770,1771,1772,1773,1774,1775,1776,1777,1778,1779,1780,1781,1782,1783,1784,1785,1786,1787,1788,1789,1790,1791,1792,1793,1794,1795,1796,1797,1798,1799,1800,1801,1802,1803,1804,1805,1806,1807,1808,1809,1810,1811,1812,1813,1814,1815,1816,1817,1818,1819,1820,1821,1822,1823,1824,1825,1826,1827,1828,1829,1830,1831,1832,1833,1834,1835,1836,1837,1838,1839,1840,1841,1842,1843,1844,1845,1846,1847,1848,1849,1850,1851,1852,1853,1854,1855,1856,1857,1858,1859,1860,1861,1862,1863,1864,1865,1866,1867,1868,1869,1870,1871,1872,1873,1874,1875,1876,1877,1878,1879,1880,1881,1882,1883,1884,1885,1886,1887,1888,1889,1890,1891,1892,1893,1894,1895,1896,1897,1898,1899,1900,1901,1902,1903,1904,1905,1906,1907,1908,1909,1910,1911,1912,1913,1914,1915,1916,1917,1918,1919,1920,1921,1922,1923,1924,1925,1926,1927,1928,1929,1930,1931,1932,1933,1934,1935,1936,1937,1938,1939,1940,1941,1942,1943,1944,1945,1946,1947,1948,1949,1950,1951,1952,1953,1954,1955,1956,1957,1958,1959,1960,1961,1962,1963,1964,1965,1966,1967,1968,1969,1970,1971,1972,1973,1974,1975,1976,1977,1978,1979,1980,1981,1982,1983,1984,1985,1986,1987,1988,1989,1990,1991,1992,1993,1994,1995,1996,1997,1998,1999,2000,2001,2002,2003,2004,2005,2006,2007,2008,2009,2010,2011,2012,2013,2014,2015,2016,2017,2018,2019,2020,2021,2022,2023,2024,2025,2026,2027,2028,2029,2030,2031,2032,2033,2034,2035,2036,2037,2038,2039,2040,2041,2042,2043,2044,2045,2046,2047,2048,2049,2050,2051,2052,2053,2054,2055,2056,2057,2058,2059,2060,2061,2062,2063,2064,2065,2066,2067,2068,2069,2070,2071,2072,2073,2074,2075,2076,2077,2078,2079,2080,2081,2082,2083,2084,2085,2086,2087,2088,2089,2090,2091,2092,2093,2094,2095,2096,2097,2098,2099,2100,2101,2102,2103,2104,2105,2106,2107,2108,2109,2110,2111,2112,2113,2114,2115,2116,2117,2118,2119,2120,2121,2122,2123,2124,2125,2126,2127,2128,2129,2130,2131,2132,2133,2134,2135,2136,2137,2138,2139,2140,2141,2142,2143,2144,2145,2146,2147,2148,2149,2150,2151,2152,2153,2154,2155,2156,2157,2158,2159,2160,2161,2162,2163,2164,2165,2166,2167,2168,2169,2170,2171,2172,2173,2174,2175,2176,2177,2178,2179,2180,2181,2182,2183,2184,2185,2186,2187,2188,2189,2190,2191,2192,2193,2194,2195,2196,2197,2198,2199,2200,2201,2202,2203,2204,2205,2206,2207,2208,2209,2210,2211,2212,2213,2214,2215,2216,2217,2218,2219,2220,2221,2222,2223,2224,2225,2226,2227,2228,2229,2230,2231,2232,2233,2234,2235,2236,2237,2238,2239,2240,2241,2242,2243,2244,2245,2246,2247,2248,2249,2250,2251,2252,2253,2254,2255,2256,2257,2258,2259,2260,2261,2262,2263,2264,2265,2266,2267,2268,2269,2270,2271,2272,2273,2274,2275,2276,2277,2278,2279,2280,2281,2282,2283,2284,2285,2286,2287,2288,2289,2290,2291,2292,2293,2294,2295,2296,2297,2298,2299,2300,2301,2302,2303,2304,2305,2306,2307,2308,2309,2310,2311,2312,2313,2314,2315,2316,2317,2318,2319,2320,2321,2322,2323,2324,2325,2326,2327,2328,2329,2330,2331,2332,2333,2334,2335,2336,2337,2338,2339,2340,2341,2342,2343,2344,2345,2346,2347,2348,2349,2350,2351,2352,2353,2354,2355,2356,2357,2358,2359,2360,2361,2362,2363,2364,2365,2366,2367,2368,2369,2370,2371,2372,2373,2374,2375,2376,2377,2378,2379,2380,2381,2382,2383,2384,2385,2386,2387,2388,2389,2390,2391,2392,2393,2394,2395,2396,2397,2398,2399,2400,2401,2402,2403,2404,2405,2406,2407,2408,2409,2410,2411,2412,2413,2414,2415,2416,2417,2418,2419,2420,2421,2422,2423,2424,2425,2426,2427,2428,2429,2430,2431,2432,2433,2434,2435,2436,2437,2438,2439,2440,2441,2442,2443,2444,2445,2446,2447,2448,2449,2450,2451,2452,2453,2454,2455,2456,2457,2458,2459,2460,2461,2462,2463,2464,2465,2466,2467,2468,2469,2470,2471,2472,2473,2474,2475,2476,2477,2478,2479,2480,2481,2482,2483,2484,2485,2486,2487,2488,2489,2490,2491,2492,2493,2494,2495,2496,2497,2498,2499,2500,2501,2502,2503,2504,2505,2506,2507,2508,2509,2510,2511,2512,2513,2514,2515,2516,2517,2518,2519,2520,2521,2522,2523,2524,2525,2526,2527,2528,2529,2530,2531,2532,2533,2534,2535,2536,2537,2538,2539,2540,2541,2542,2543,2544,2545,2546,2547,2548,2549,2550,2551,2552,2553,2554,2555,2556,2557,2558,2559,2560,2561,2562,2563,2564,2565,2566,2567,2568,2569,2570,2571,2572,2573,2574,2575,2576,2577,2578,2579,2580,2581,2582,2583,2584,2585,2586,2587,2588,2589,2590,2591,2592,2593,2594,2595,2596,2597,2598,2599,2600,2601,2602,2603,2604,2605,2606,2607,2608,2609,2610,2611,2612,2613,2614,2615,2616,2617,2618,2619,2620,2621,2622,2623,2624,2625,2626,2627,2628,2629,2630,2631,2632,2633,2634,2635,2636,2637,2638,2639,2640,2641,2642,2643,2644,2645,2646,2647,2648,2649,2650,2651,2652,2653,2654,2655,2656,2657,2658,2659,2660,2661,2662,2663,2664,2665,2666,2667,2668,2669,2670,2671,2672,2673,2674,2675,2676,2677,2678,2679,2680,2681,2682,2683,2684,2685,2686,2687,2688,2689,2690,2691,2692,2693,2694,2695,2696,2697,2698,2699,2700,2701,2702,2703,2704,2705,2706,2707,2708,2709,2710,2711,2712,2713,2714,2715,2716,2717,2718,2719,2720,2721,2722,2723,2724,2725,2726,2727,2728,2729,2730,2731,2732,2733,2734,2735,2736,2737,2738,2739,2740,2741,2742,2743,2744,2745,2746,2747,2748,2749,2750,2751,2752,2753,2754,2755,2756,2757,2758,2759,2760,2761,2762,2763,2764,2765,2766,2767,2768,2769,2770,2771,2772,2773,2774,2775,2776,2777,2778,2779,2780,2781,2782,2783,2784,2785,2786,2787,2788,2789,2790,2791,2792,2793,2794,2795,2796,2797,2798,2799,2800,2801,2802,2803,2804,2805,2806,2807,2808,2809,2810,2811,2812,2813,2814,2815,2816,2817,2818,2819,2820,2821,2822,2823,2824,2825,2826,2827,2828,2829,2830,2831,2832,2833,2834,2835,2836,2837,2838,2839,2840,2841,2842,2843,2844,2845,2846,2847,2848,2849,2850,2851,2852,2853,2854,2855,2856,2857,2858,2859,2860,2861,2862,2863,2864,2865,2866,2867,2868,2869,2870,2871,2872,2873,2874,2875,2876,2877,2878,2879,2880,2881,2882,2883,2884,2885,2886,2887,2888,2889,2890,2891,2892,2893,2894,2895,2896,2897,2898,2899,2900,2901,2902,2903,2904,2905,2906,2907,2908,2909,2910,2911,2912,2913,2914,2915,2916,2917,2918,2919,2920,2921,2922,2923,2924,2925,2926,2927,2928,2929,2930,2931,2932,2933,2934,2935,2936,2937,2938,2939,2940,2941,2942,2943,2944,2945,2946,2947,2948,2949,2950,2951,2952,2953,2954,2955,2956,2957,2958,2959,2960,2961,2962,2963,2964,2965,2966,2967,2968,2969,2970,2971,2972,2973,2974,2975,2976,2977,2978,2979,2980,2981,2982,2983,2984,2985,2986,2987,2988,2989,2990,2991,2992,2993,2994,2995,2996,2997,2998,2999,3000)
---
SELECT count(*) FROM customers WHERE name IN ('customer 1', 'customer 2', 'customer 3', 'customer 4', 'customer 5', 'customer 6', 'customer 7', 'customer 8', 'customer 9', 'customer 10', 'customer 11', 'customer 12', 'customer 13', 'customer 14', 'customer 15', 'customer 16', 'customer 17', 'customer 18', 'customer 19', 'customer 20', 'customer 21', 'customer 22', 'customer 23', 'customer 24', 'customer 25', 'customer 26', 'customer 27', 'customer 28', 'customer 29', 'customer 30', 'customer 31', 'customer 32', 'customer 33', 'customer 34', 'customer 35', 'customer 36', 'customer 37', 'customer 38', 'customer 39', 'customer 40', 'customer 41', 'customer 42', 'customer 43', 'customer 44', 'customer 45', 'customer 46', 'customer 47', 'customer 48', 'customer 49', 'customer 50', 'customer 51', 'customer 52', 'customer 53', 'customer 54', 'customer 55', 'customer 56', 'customer 57', 'customer 58', 'customer 59', 'customer 60', 'customer 61', 'customer 62', 'customer 63', 'customer 64', 'customer 65', 'customer 66', 'customer 67', 'customer 68', 'customer 69', 'customer 70', 'customer 71', 'customer 72', 'customer 73', 'customer 74', 'customer 75', 'customer 76', 'customer 77', 'customer 78', 'customer 79', 'customer 80', 'customer 81', 'customer 82', 'customer 83', 'customer 84', 'customer 85', 'customer 86', 'customer 87', 'customer 88', 'customer 89', 'customer 90', 'customer 91', 'customer 92', 'customer 93', 'customer 94', 'customer 95', 'customer 96', 'customer 97', 'customer 98', 'customer 99', 'customer 100', 'customer 101', 'customer 102', 'customer 103', 'customer 104', 'customer 105', 'customer 106', 'customer 107', 'customer 108', 'customer 109', 'customer 110', 'customer 111', 'customer 112', 'customer 113', 'customer 114', 'customer 115', 'customer 116', 'customer 117', 'customer 118', 'customer 119', 'customer 120', 'customer 121', 'customer 122', 'customer 123', 'customer 124', 'customer 125', 'customer 126', 'customer 127', 'customer 128', 'customer 129', 'customer 130', 'customer 131', 'customer 132', 'customer 133', 'customer 134', 'customer 135', 'customer 136', 'customer 137', 'customer 138', 'customer 139', 'customer 140', 'customer 141', 'customer 142', 'customer 143', 'customer 144', 'customer 145', 'customer 146', 'customer 147', 'customer 148', 'customer 149', 'customer 150', 'customer 151', 'customer 152', 'customer 153', 'customer 154', 'customer 155', 'customer 156', 'customer 157', 'customer 158', 'customer 159', 'customer 160', 'customer 161', 'customer 162', 'customer 163', 'customer 164', 'customer 165', 'customer 166', 'customer 167', 'customer 168', 'customer 169', 'customer 170', 'customer 171', 'customer 172', 'customer 173', 'customer 174', 'customer 175', 'customer 176', 'customer 177', 'customer 178', 'customer 179', 'customer 180', 'customer 181', 'customer 182', 'customer 183', 'customer 184', 'customer 185', 'customer 186', 'customer 187', 'customer 188', 'customer 189', 'customer 190', 'customer 191', 'customer 192', 'customer 193', 'customer 194', 'customer 195', 'customer 196', 'customer 197', 'customer 198', 'customer 199', 'customer 200', 'customer 201', 'customer 202', 'customer 203', 'customer 204', 'customer 205', 'customer 206', 'customer 207', 'customer 208', 'customer 209', 'customer 210', 'customer 211', 'customer 212', 'customer 213', 'customer 214', 'customer 215', 'customer 216', 'customer 217', 'customer 218', 'customer 219', 'customer 220', 'customer 221', 'customer 222', 'customer 223', 'customer 224', 'customer 225', 'customer 226', 'customer 227', 'customer 228', 'customer 229', 'customer 230', 'customer 231', 'customer 232', 'customer 233', 'customer 234', 'customer 235', 'customer 236', 'customer 237', 'customer 238', 'customer 239', 'customer 240', 'customer 241', 'customer 242', 'customer 243', 'customer 244', 'customer 245', 'customer 246', 'customer 247', 'customer 248', 'customer 249', 'customer 250', 'customer 251', 'customer 252', 'customer 253', 'customer 254', 'customer 255', 'customer 256', 'customer 257', 'customer 258', 'customer 259', 'customer 260', 'customer 261', 'customer 262', 'customer 263', 'customer 264', 'customer 265', 'customer 266', 'customer 267', 'customer 268', 'customer 269', 'customer 270', 'customer 271', 'customer 272', 'customer 273', 'customer 274', 'customer 275', 'customer 276', 'customer 277', 'customer 278', 'customer 279', 'customer 280', 'customer 281', 'customer 282', 'customer 283', 'customer 284', 'customer 285', 'customer 286', 'customer 287', 'customer 288', 'customer 289', 'customer 290', 'customer 291', 'customer 292', 'customer 293', 'customer 294', 'customer 295', 'customer 296', 'customer 297', 'customer 298', 'customer 299', 'customer 300', 'customer 301', 'customer 302', 'customer 303', 'customer 304', 'customer 305', 'customer 306', 'customer 307', 'customer 308', 'customer 309', 'customer 310', 'customer 311', 'customer 312', 'customer 313', 'customer 314', 'customer 315', 'customer 316', 'customer 317', 'customer 318', 'customer 319', 'customer 320', 'customer 321', 'customer 322', 'customer 323', 'customer 324', 'customer 325', 'customer 326', 'customer 327', 'customer 328', 'customer 329', 'customer 330', 'customer 331', 'customer 332', 'customer 333', 'customer 334', 'customer 335', 'customer 336', 'customer 337', 'customer 338', 'customer 339', 'customer 340', 'customer 341', 'customer 342', 'customer 343', 'customer 344', 'customer 345', 'customer 346', 'customer 347', 'customer 348', 'customer 349', 'customer 350', 'customer 351', 'customer 352', 'customer 353', 'customer 354', 'customer 355', 'customer 356', 'customer 357', 'customer 358', 'customer 359', 'customer 360', 'customer 361', 'customer 362', 'customer 363', 'customer 364', 'customer 365', 'customer 366', 'customer 367', 'customer 368', 'customer 369', 'customer 370', 'customer 371', 'customer 372', 'customer 373', 'customer 374', 'customer 375', 'customer 376', 'customer 377', 'customer 378', 'customer 379', 'customer 380', 'customer 381', 'customer 382', 'customer 383', 'customer 384', 'customer 385', 'customer 386', 'customer 387', 'customer 388', 'customer 389', 'customer 390', 'customer 391', 'customer 392', 'customer 393', 'customer 394', 'customer 395', 'customer 396', 'customer 397', 'customer 398', 'customer 399', 'customer 400') OR name = ANY (ARRAY['customer 1', 'customer 2', 'customer 3', 'customer 4', 'customer 5', 'customer 6', 'customer 7', 'customer 8', 'customer 9', 'customer 10', 'customer 11', 'customer 12', 'customer 13', 'customer 14', 'customer 15', 'customer 16', 'customer 17', 'customer 18', 'customer 19', 'customer 20', 'customer 21', 'customer 22', 'customer 23', 'customer 24', 'customer 25', 'customer 26', 'customer 27', 'customer 28', 'customer 29', 'customer 30', 'customer 31', 'customer 32', 'customer 33', 'customer 34', 'customer 35', 'customer 36', 'customer 37', 'customer 38', 'customer 39', 'customer 40', 'customer 41', 'customer 42', 'customer 43', 'customer 44', 'customer 45', 'customer 46', 'customer 47', 'customer 48', 'customer 49', 'customer 50', 'customer 51', 'customer 52', 'customer 53', 'customer 54', 'customer 55', 'customer 56', 'customer 57', 'customer 58', 'customer 59', 'customer 60', 'customer 61', 'customer 62', 'customer 63', 'customer 64', 'customer 65', 'customer 66', 'customer 67', 'customer 68', 'customer 69', 'customer 70', 'customer 71', 'customer 72', 'customer 73', 'customer 74', 'customer 75', 'customer 76', 'customer 77', 'customer 78', 'customer 79', 'customer 80', 'customer 81', 'customer 82', 'customer 83', 'customer 84', 'customer 85', 'customer 86', 'customer 87', 'customer 88', 'customer 89', 'customer 90', 'customer 91', 'customer 92', 'customer 93', 'customer 94', 'customer 95', 'customer 96', 'customer 97', 'customer 98', 'customer 99', 'customer 100', 'customer 101', 'customer 102', 'customer 103', 'customer 104', 'customer 105', 'customer 106', 'customer 107', 'customer 108', 'customer 109', 'customer 110', 'customer 111', 'customer 112', 'customer 113', 'customer 114', 'customer 115', 'customer 116', 'customer 117', 'customer 118', 'customer 119', 'customer 120', 'customer 121', 'customer 122', 'customer 123', 'customer 124', 'customer 125', 'customer 126', 'customer 127', 'customer 128', 'customer 129', 'customer 130', 'customer 131', 'customer 132', 'customer 133', 'customer 134', 'customer 135', 'customer 136', 'customer 137', 'customer 138', 'customer 139', 'customer 140', 'customer 141', 'customer 142', 'customer 143', 'customer 144', 'customer 145', 'customer 146', 'customer 147', 'customer 148', 'customer 149', 'customer 150', 'customer 151', 'customer 152', 'customer 153', 'customer 154', 'customer 155', 'customer 156', 'customer 157', 'customer 158', 'customer 159', 'customer 160', 'customer 161', 'customer 162', 'customer 163', 'customer 164', 'customer 165', 'customer 166', 'customer 167', 'customer 168', 'customer 169', 'customer 170', 'customer 171', 'customer 172', 'customer 173', 'customer 174', 'customer 175', 'customer 176', 'customer 177', 'customer 178', 'customer 179', 'customer 180', 'customer 181', 'customer 182', 'customer 183', 'customer 184', 'customer 185', 'customer 186', 'customer 187', 'customer 188', 'customer 189', 'customer 190', 'customer 191', 'customer 192', 'customer 193', 'customer 194', 'customer 195', 'customer 196', 'customer 197', 'customer 198', 'customer 199', 'customer 200', 'customer 201', 'customer 202', 'customer 203', 'customer 204', 'customer 205', 'customer 206', 'customer 207', 'customer 208', 'customer 209', 'customer 210', 'customer 211', 'customer 212', 'customer 213', 'customer 214', 'customer 215', 'customer 216', 'customer 217', 'customer 218', 'customer 219', 'customer 220', 'customer 221', 'customer 222', 'customer 223', 'customer 224', 'customer 225', 'customer 226', 'customer 227', 'customer 228', 'customer 229', 'customer 230', 'customer 231', 'customer 232', 'customer 233', 'customer 234', 'customer 235', 'customer 236', 'customer 237', 'customer 238', 'customer 239', 'customer 240', 'customer 241', 'customer 242', 'customer 243', 'customer 244', 'customer 245', 'customer 246', 'customer 247', 'customer 248', 'customer 249', 'customer 250', 'customer 251', 'customer 252', 'customer 253', 'customer 254', 'customer 255', 'customer 256', 'customer 257', 'customer 258', 'customer 259', 'customer 260', 'customer 261', 'customer 262', 'customer 263', 'customer 264', 'customer 265', 'customer 266', 'customer 267', 'customer 268', 'customer 269', 'customer 270', 'customer 271', 'customer 272', 'customer 273', 'customer 274', 'customer 275', 'customer 276', 'customer 277', 'customer 278', 'customer 279', 'customer 280', 'customer 281', 'customer 282', 'customer 283', 'customer 284', 'customer 285', 'customer 286', 'customer 287', 'customer 288', 'customer 289', 'customer 290', 'customer 291', 'customer 292', 'customer 293', 'customer 294', 'customer 295', 'customer 296', 'customer 297', 'customer 298', 'customer 299', 'customer 300', 'customer 301', 'customer 302', 'customer 303', 'customer 304', 'customer 305', 'customer 306', 'customer 307', 'customer 308', 'customer 309', 'customer 310', 'customer 311', 'customer 312', 'customer 313', 'customer 314', 'customer 315', 'customer 316', 'customer 317', 'customer 318', 'customer 319', 'customer 320', 'customer 321', 'customer 322', 'customer 323', 'customer 324', 'customer 325', 'customer 326', 'customer 327', 'customer 328', 'customer 329', 'customer 330', 'customer 331', 'customer 332', 'customer 333', 'customer 334', 'customer 335', 'customer 336', 'customer 337', 'customer 338', 'customer 339', 'customer 340', 'customer 341', 'customer 342', 'customer 343', 'customer 344', 'customer 345', 'customer 346', 'customer 347', 'customer 348', 'customer 349', 'customer 350', 'customer 351', 'customer 352', 'customer 353', 'customer 354', 'customer 355', 'customer 356', 'customer 357', 'customer 358', 'customer 359', 'customer 360', 'customer 361', 'customer 362', 'customer 363', 'customer 364', 'customer 365', 'customer 366', 'customer 367', 'customer 368', 'customer 369', 'customer 370', 'customer 371', 'customer 372', 'customer 373', 'customer 374', 'customer 375', 'customer 376', 'customer 377', 'customer 378', 'customer 379', 'customer 380', 'customer 381', 'customer 382', 'customer 383', 'customer 384', 'customer 385', 'customer 386', 'customer 387', 'customer 388', 'customer 389', 'customer 390', 'customer 391', 'customer 392', 'customer 393', 'customer 394', 'customer 395', 'customer 396', 'customer 397', 'customer 398', 'customer 399', 'customer 400'])
---
SELECT count(*) FROM customers WHERE (id = 1 AND name = 'customer 1') OR (id = 2 AND name = 'customer 2') OR (id = 3 AND name = 'customer 3') OR (id = 4 AND name = 'customer 4') OR (id = 5 AND name = 'customer 5') OR (id = 6 AND name = 'customer 6') OR (id = 7 AND name = 'customer 7') OR (id = 8 AND name = 'customer 8') OR (id = 9 AND name = 'customer 9') OR (id = 10 AND name = 'customer 10') OR (id = 11 AND name = 'customer 11') OR (id = 12 AND name = 'customer 12') OR (id = 13 AND name = 'customer 13') OR (id = 14 AND name = 'customer 14') OR (id = 15 AND name = 'customer 15') OR (id = 16 AND name = 'customer 16') OR (id = 17 AND name = 'customer 17') OR (id = 18 AND name = 'customer 18') OR (id = 19 AND name = 'customer 19') OR (id = 20 AND name = 'customer 20') OR (id = 21 AND name = 'customer 21') OR (id = 22 AND name = 'customer 22') OR (id = 23 AND name = 'customer 23') OR (id = 24 AND name = 'customer 24') OR (id = 25 AND name = 'customer 25') OR (id = 26 AND name = 'customer 26') OR (id = 27 AND name = 'customer 27') OR (id = 28 AND name = 'customer 28') OR (id = 29 AND name = 'customer 29') OR (id = 30 AND name = 'customer 30') OR (id = 31 AND name = 'customer 31') OR (id = 32 AND name = 'customer 32') OR (id = 33 AND name = 'customer 33') OR (id = 34 AND name = 'customer 34') OR (id = 35 AND name = 'customer 35') OR (id = 36 AND name = 'customer 36') OR (id = 37 AND name = 'customer 37') OR (id = 38 AND name = 'customer 38') OR (id = 39 AND name = 'customer 39') OR (id = 40 AND name = 'customer 40') OR (id = 41 AND name = 'customer 41') OR (id = 42 AND name = 'customer 42') OR (id = 43 AND name = 'customer 43') OR (id = 44 AND name = 'customer 44') OR (id = 45 AND name = 'customer 45') OR (id = 46 AND name = 'customer 46') OR (id = 47 AND name = 'customer 47') OR (id = 48 AND name = 'customer 48') OR (id = 49 AND name = 'customer 49') OR (id = 50 AND name = 'customer 50') OR (id = 51 AND name = 'customer 51') OR (id = 52 AND name = 'customer 52') OR (id = 53 AND name = 'customer 53') OR (id = 54 AND name = 'customer 54') OR (id = 55 AND name = 'customer 55') OR (id = 56 AND name = 'customer 56') OR (id = 57 AND name = 'customer 57') OR (id = 58 AND name = 'customer 58') OR (id = 59 AND name = 'customer 59') OR (id = 60 AND name = 'customer 60') OR (id = 61 AND name = 'customer 61') OR (id = 62 AND name = 'customer 62') OR (id = 63 AND name = 'customer 63') OR (id = 64 AND name = 'customer 64') OR (id = 65 AND name = 'customer 65') OR (id = 66 AND name = 'customer 66') OR (id = 67 AND name = 'customer 67') OR (id = 68 AND name = 'customer 68') OR (id = 69 AND name = 'customer 69') OR (id = 70 AND name = 'customer 70') OR (id = 71 AND name = 'customer 71') OR (id = 72 AND name = 'customer 72') OR (id = 73 AND name = 'customer 73') OR (id = 74 AND name = 'customer 74') OR (id = 75 AND name = 'customer 75') OR (id = 76 AND name = 'customer 76') OR (id = 77 AND name = 'customer 77') OR (id = 78 AND name = 'customer 78') OR (id = 79 AND name = 'customer 79') OR (id = 80 AND name = 'customer 80') OR (id = 81 AND name = 'customer 81') OR (id = 82 AND name = 'customer 82') OR (id = 83 AND name = 'customer 83') OR (id = 84 AND name = 'customer 84') OR (id = 85 AND name = 'customer 85') OR (id = 86 AND name = 'customer 86') OR (id = 87 AND name = 'customer 87') OR (id = 88 AND name = 'customer 88') OR (id = 89 AND name = 'customer 89') OR (id = 90 AND name = 'customer 90') OR (id = 91 AND name = 'customer 91') OR (id = 92 AND name = 'customer 92') OR (id = 93 AND name = 'customer 93') OR (id = 94 AND name = 'customer 94') OR (id = 95 AND name = 'customer 95') OR (id = 96 AND name = 'customer 96') OR (id = 97 AND name = 'customer 97') OR (id = 98 AND name = 'customer 98') OR (id = 99 AND name = 'customer 99') OR (id = 100 AND name = 'customer 100') OR (id = 101 AND name = 'customer 101') OR (id = 102 AND name = 'customer 102') OR (id = 103 AND name = 'customer 103') OR (id = 104 AND name = 'customer 104') OR (id = 105 AND name = 'customer 105') OR (id = 106 AND name = 'customer 106') OR (id = 107 AND name = 'customer 107') OR (id = 108 AND name = 'customer 108') OR (id = 109 AND name = 'customer 109') OR (id = 110 AND name = 'customer 110') OR (id = 111 AND name = 'customer 111') OR (id = 112 AND name = 'customer 112') OR (id = 113 AND name = 'customer 113') OR (id = 114 AND name = 'customer 114') OR (id = 115 AND name = 'customer 115') OR (id = 116 AND name = 'customer 116') OR (id = 117 AND name = 'customer 117') OR (id = 118 AND name = 'customer 118') OR (id = 119 AND name = 'customer 119') OR (id = 120 AND name = 'customer 120') OR (id = 121 AND name = 'customer 121') OR (id = 122 AND name = 'customer 122') OR (id = 123 AND name = 'customer 123') OR (id = 124 AND name = 'customer 124') OR (id = 125 AND name = 'customer 125') OR (id = 126 AND name = 'customer 126') OR (id = 127 AND name = 'customer 127') OR (id = 128 AND name = 'customer 128') OR (id = 129 AND name = 'customer 129') OR (id = 130 AND name = 'customer 130') OR (id = 131 AND name = 'customer 131') OR (id = 132 AND name = 'customer 132') OR (id = 133 AND name = 'customer 133') OR (id = 134 AND name = 'customer 134') OR (id = 135 AND name = 'customer 135') OR (id = 136 AND name = 'customer 136') OR (id = 137 AND name = 'customer 137') OR (id = 138 AND name = 'customer 138') OR (id = 139 AND name = 'customer 139') OR (id = 140 AND name = 'customer 140') OR (id = 141 AND name = 'customer 141') OR (id = 142 AND name = 'customer 142') OR (id = 143 AND name = 'customer 143') OR (id = 144 AND name = 'customer 144') OR (id = 145 AND name = 'customer 145') OR (id = 146 AND name = 'customer 146') OR (id = 147 AND name = 'customer 147') OR (id = 148 AND name = 'customer 148') OR (id = 149 AND name = 'customer 149') OR (id = 150 AND name = 'customer 150')
---
SELECT 1 AS column_1, 2 AS column_2, 3 AS column_3, 4 AS column_4, 5 AS column_5, 6 AS column_6, 7 AS column_7, 8 AS column_8, 9 AS column_9, 10 AS column_10, 11 AS column_11, 12 AS column_12, 13 AS column_13, 14 AS column_14, 15 AS column_15, 16 AS column_16, 17 AS column_17, 18 AS column_18, 19 AS column_19, 20 AS column_20, 21 AS column_21, 22 AS column_22, 23 AS column_23, 24 AS column_24, 25 AS column_25, 26 AS column_26, 27 AS column_27, 28 AS column_28, 29 AS column_29, 30 AS column_30, 31 AS column_31, 32 AS column_32, 33 AS column_33, 34 AS column_34, 35 AS column_35, 36 AS column_36, 37 AS column_37, 38 AS column_38, 39 AS column_39, 40 AS column_40, 41 AS column_41, 42 AS column_42, 43 AS column_43, 44 AS column_44, 45 AS column_45, 46 AS column_46, 47 AS column_47, 48 AS column_48, 49 AS column_49, 50 AS column_50, 51 AS column_51, 52 AS column_52, 53 AS column_53, 54 AS column_54, 55 AS column_55, 56 AS column_56, 57 AS column_57, 58 AS column_58, 59 AS column_59, 60 AS column_60, 61 AS column_61, 62 AS column_62, 63 AS column_63, 64 AS column_64, 65 AS column_65, 66 AS column_66, 67 AS column_67, 68 AS column_68, 69 AS column_69, 70 AS column_70, 71 AS column_71, 72 AS column_72, 73 AS column_73, 74 AS column_74, 75 AS column_75, 76 AS column_76, 77 AS column_77, 78 AS column_78, 79 AS column_79, 80 AS column_80, 81 AS column_81, 82 AS column_82, 83 AS column_83, 84 AS column_84, 85 AS column_85, 86 AS column_86, 87 AS column_87, 88 AS column_88, 89 AS column_89, 90 AS column_90, 91 AS column_91, 92 AS column_92, 93 AS column_93, 94 AS column_94, 95 AS column_95, 96 AS column_96, 97 AS column_97, 98 AS column_98, 99 AS column_99, 100 AS column_100, 101 AS column_101, 102 AS column_102, 103 AS column_103, 104 AS column_104, 105 AS column_105, 106 AS column_106, 107 AS column_107, 108 AS column_108, 109 AS column_109, 110 AS column_110, 111 AS column_111, 112 AS column_112, 113 AS column_113, 114 AS column_114, 115 AS column_115, 116 AS column_116, 117 AS column_117, 118 AS column_118, 119 AS column_119, 120 AS column_120, 121 AS column_121, 122 AS column_122, 123 AS column_123, 124 AS column_124, 125 AS column_125, 126 AS column_126, 127 AS column_127, 128 AS column_128, 129 AS column_129, 130 AS column_130, 131 AS column_131, 132 AS column_132, 133 AS column_133, 134 AS column_134, 135 AS column_135, 136 AS column_136, 137 AS column_137, 138 AS column_138, 139 AS column_139, 140 AS column_140, 141 AS column_141, 142 AS column_142, 143 AS column_143, 144 AS column_144, 145 AS column_145, 146 AS column_146, 147 AS column_147, 148 AS column_148, 149 AS column_149, 150 AS column_150, 151 AS column_151, 152 AS column_152, 153 AS column_153, 154 AS column_154, 155 AS column_155, 156 AS column_156, 157 AS column_157, 158 AS column_158, 159 AS column_159, 160 AS column_160, 161 AS column_161, 162 AS column_162, 163 AS column_163, 164 AS column_164, 165 AS column_165, 166 AS column_166, 167 AS column_167, 168 AS column_168, 169 AS column_169, 170 AS column_170, 171 AS column_171, 172 AS column_172, 173 AS column_173, 174 AS column_174, 175 AS column_175, 176 AS column_176, 177 AS column_177, 178 AS column_178, 179 AS column_179, 180 AS column_180, 181 AS column_181, 182 AS column_182, 183 AS column_183, 184 AS column_184, 185 AS column_185, 186 AS column_186, 187 AS column_187, 188 AS column_188, 189 AS column_189, 190 AS column_190, 191 AS column_191, 192 AS column_192, 193 AS column_193, 194 AS column_194, 195 AS column_195, 196 AS column_196, 197 AS column_197, 198 AS column_198, 199 AS column_199, 200 AS column_200, 201 AS column_201, 202 AS column_202, 203 AS column_203, 204 AS column_204, 205 AS column_205, 206 AS column_206, 207 AS column_207, 208 AS column_208, 209 AS column_209, 210 AS column_210, 211 AS column_211, 212 AS column_212, 213 AS column_213, 214 AS column_214, 215 AS column_215, 216 AS column_216, 217 AS column_217, 218 AS column_218, 219 AS column_219, 220 AS column_220, 221 AS column_221, 222 AS column_222, 223 AS column_223, 224 AS column_224, 225 AS column_225, 226 AS column_226, 227 AS column_227, 228 AS column_228, 229 AS column_229, 230 AS column_230, 231 AS column_231, 232 AS column_232, 233 AS column_233, 234 AS column_234, 235 AS column_235, 236 AS column_236, 237 AS column_237, 238 AS column_238, 239 AS column_239, 240 AS column_240, 241 AS column_241, 242 AS column_242, 243 AS column_243, 244 AS column_244, 245 AS column_245, 246 AS column_246, 247 AS column_247, 248 AS column_248, 249 AS column_249, 250 AS column_250, 251 AS column_251, 252 AS column_252, 253 AS column_253, 254 AS column_254, 255 AS column_255, 256 AS column_256, 257 AS column_257, 258 AS column_258, 259 AS column_259, 260 AS column_260, 261 AS column_261, 262 AS column_262, 263 AS column_263, 264 AS column_264, 265 AS column_265, 266 AS column_266, 267 AS column_267, 268 AS column_268, 269 AS column_269, 270 AS column_270, 271 AS column_271, 272 AS column_272, 273 AS column_273, 274 AS column_274, 275 AS column_275, 276 AS column_276, 277 AS column_277, 278 AS column_278, 279 AS column_279, 280 AS column_280, 281 AS column_281, 282 AS column_282, 283 AS column_283, 284 AS column_284, 285 AS column_285, 286 AS column_286, 287 AS column_287, 288 AS column_288, 289 AS column_289, 290 AS column_290, 291 AS column_291, 292 AS column_292, 293 AS column_293, 294 AS column_294, 295 AS column_295, 296 AS column_296, 297 AS column_297, 298 AS column_298, 299 AS column_299, 300 AS column_300, 301 AS column_301, 302 AS column_302, 303 AS column_303, 304 AS column_304, 305 AS column_305, 306 AS column_306, 307 AS column_307, 308 AS column_308, 309 AS column_309, 310 AS column_310, 311 AS column_311, 312 AS column_312, 313 AS column_313, 314 AS column_314, 315 AS column_315, 316 AS column_316, 317 AS column_317, 318 AS column_318, 319 AS column_319, 320 AS column_320, 321 AS column_321, 322 AS column_322, 323 AS column_323, 324 AS column_324, 325 AS column_325, 326 AS column_326, 327 AS column_327, 328 AS column_328, 329 AS column_329, 330 AS column_330, 331 AS column_331, 332 AS column_332, 333 AS column_333, 334 AS column_334, 335 AS column_335, 336 AS column_336, 337 AS column_337, 338 AS column_338, 339 AS column_339, 340 AS column_340, 341 AS column_341, 342 AS column_342, 343 AS column_343, 344 AS column_344, 345 AS column_345, 346 AS column_346, 347 AS column_347, 348 AS column_348, 349 AS column_349, 350 AS column_350, 351 AS column_351, 352 AS column_352, 353 AS column_353, 354 AS column_354, 355 AS column_355, 356 AS column_356, 357 AS column_357, 358 AS column_358, 359 AS column_359, 360 AS column_360, 361 AS column_361, 362 AS column_362, 363 AS column_363, 364 AS column_364, 365 AS column_365, 366 AS column_366, 367 AS column_367, 368 AS column_368, 369 AS column_369, 370 AS column_370, 371 AS column_371, 372 AS column_372, 373 AS column_373, 374 AS column_374, 375 AS column_375, 376 AS column_376, 377 AS column_377, 378 AS column_378, 379 AS column_379, 380 AS column_380, 381 AS column_381, 382 AS column_382, 383 AS column_383, 384 AS column_384, 385 AS column_385, 386 AS column_386, 387 AS column_387, 388 AS column_388, 389 AS column_389, 390 AS column_390, 391 AS column_391, 392 AS column_392, 393 AS column_393, 394 AS column_394, 395 AS column_395, 396 AS column_396, 397 AS column_397, 398 AS column_398, 399 AS column_399, 400 AS column_400, 401 AS column_401, 402 AS column_402, 403 AS column_403, 404 AS column_404, 405 AS column_405, 406 AS column_406, 407 AS column_407, 408 AS column_408, 409 AS column_409, 410 AS column_410, 411 AS column_411, 412 AS column_412, 413 AS column_413, 414 AS column_414, 415 AS column_415, 416 AS column_416, 417 AS column_417, 418 AS column_418, 419 AS column_419, 420 AS column_420, 421 AS column_421, 422 AS column_422, 423 AS column_423, 424 AS column_424, 425 AS column_425, 426 AS column_426, 427 AS column_427, 428 AS column_428, 429 AS column_429, 430 AS column_430, 431 AS column_431, 432 AS column_432, 433 AS column_433, 434 AS column_434, 435 AS column_435, 436 AS column_436, 437 AS column_437, 438 AS column_438, 439 AS column_439, 440 AS column_440, 441 AS column_441, 442 AS column_442, 443 AS column_443, 444 AS column_444, 445 AS column_445, 446 AS column_446, 447 AS column_447, 448 AS column_448, 449 AS column_449, 450 AS column_450, 451 AS column_451, 452 AS column_452, 453 AS column_453, 454 AS column_454, 455 AS column_455, 456 AS column_456, 457 AS column_457, 458 AS column_458, 459 AS column_459, 460 AS column_460, 461 AS column_461, 462 AS column_462, 463 AS column_463, 464 AS column_464, 465 AS column_465, 466 AS column_466, 467 AS column_467, 468 AS column_468, 469 AS column_469, 470 AS column_470, 471 AS column_471, 472 AS column_472, 473 AS column_473, 474 AS column_474, 475 AS column_475, 476 AS column_476, 477 AS column_477, 478 AS column_478, 479 AS column_479, 480 AS column_480, 481 AS column_481, 482 AS column_482, 483 AS column_483, 484 AS column_484, 485 AS column_485, 486 AS column_486, 487 AS column_487, 488 AS column_488, 489 AS column_489, 490 AS column_490, 491 AS column_491, 492 AS column_492, 493 AS column_493, 494 AS column_494, 495 AS column_495, 496 AS column_496, 497 AS column_497, 498 AS column_498, 499 AS column_499, 500 AS column_500
---
SELECT count(*) FROM (VALUES (1, 'v1'), (2, 'v2'), (3, 'v3'), (4, 'v4'), (5, 'v5'), (6, 'v6'), (7, 'v7'), (8, 'v8'), (9, 'v9'), (10, 'v10'), (11, 'v11'), (12, 'v12'), (13, 'v13'), (14, 'v14'), (15, 'v15'), (16, 'v16'), (17, 'v17'), (18, 'v18'), (19, 'v19'), (20, 'v20'), (21, 'v21'), (22, 'v22'), (23, 'v23'), (24, 'v24'), (25, 'v25'), (26, 'v26'), (27, 'v27'), (28, 'v28'), (29, 'v29'), (30, 'v30'), (31, 'v31'), (32, 'v32'), (33, 'v33'), (34, 'v34'), (35, 'v35'), (36, 'v36'), (37, 'v37'), (38, 'v38'), (39, 'v39'), (40, 'v40'), (41, 'v41'), (42, 'v42'), (43, 'v43'), (44, 'v44'), (45, 'v45'), (46, 'v46'), (47, 'v47'), (48, 'v48'), (49, 'v49'), (50, 'v50'), (51, 'v51'), (52, 'v52'), (53, 'v53'), (54, 'v54'), (55, 'v55'), (56, 'v56'), (57, 'v57'), (58, 'v58'), (59, 'v59'), (60, 'v60'), (61, 'v61'), (62, 'v62'), (63, 'v63'), (64, 'v64'), (65, 'v65'), (66, 'v66'), (67, 'v67'), (68, 'v68'), (69, 'v69'), (70, 'v70'), (71, 'v71'), (72, 'v72'), (73, 'v73'), (74, 'v74'), (75, 'v75'), (76, 'v76'), (77, 'v77'), (78, 'v78'), (79, 'v79'), (80, 'v80'), (81, 'v81'), (82, 'v82'), (83, 'v83'), (84, 'v84'), (85, 'v85'), (86, 'v86'), (87, 'v87'), (88, 'v88'), (89, 'v89'), (90, 'v90'), (91, 'v91'), (92, 'v92'), (93, 'v93'), (94, 'v94'), (95, 'v95'), (96, 'v96'), (97, 'v97'), (98, 'v98'), (99, 'v99'), (100, 'v100'), (101, 'v101'), (102, 'v102'), (103, 'v103'), (104, 'v104'), (105, 'v105'), (106, 'v106'), (107, 'v107'), (108, 'v108'), (109, 'v109'), (110, 'v110'), (111, 'v111'), (112, 'v112'), (113, 'v113'), (114, 'v114'), (115, 'v115'), (116, 'v116'), (117, 'v117'), (118, 'v118'), (119, 'v119'), (120, 'v120'), (121, 'v121'), (122, 'v122'), (123, 'v123'), (124, 'v124'), (125, 'v125'), (126, 'v126'), (127, 'v127'), (128, 'v128'), (129, 'v129'), (130, 'v130'), (131, 'v131'), (132, 'v132'), (133, 'v133'), (134, 'v134'), (135, 'v135'), (136, 'v136'), (137, 'v137'), (138, 'v138'), (139, 'v139'), (140, 'v140'), (141, 'v141'), (142, 'v142'), (143, 'v143'), (144, 'v144'), (145, 'v145'), (146, 'v146'), (147, 'v147'), (148, 'v148'), (149, 'v149'), (150, 'v150'), (151, 'v151'), (152, 'v152'), (153, 'v153'), (154, 'v154'), (155, 'v155'), (156, 'v156'), (157, 'v157'), (158, 'v158'), (159, 'v159'), (160, 'v160'), (161, 'v161'), (162, 'v162'), (163, 'v163'), (164, 'v164'), (165, 'v165'), (166, 'v166'), (167, 'v167'), (168, 'v168'), (169, 'v169'), (170, 'v170'), (171, 'v171'), (172, 'v172'), (173, 'v173'), (174, 'v174'), (175, 'v175'), (176, 'v176'), (177, 'v177'), (178, 'v178'), (179, 'v179'), (180, 'v180'), (181, 'v181'), (182, 'v182'), (183, 'v183'), (184, 'v184'), (185, 'v185'), (186, 'v186'), (187, 'v187'), (188, 'v188'), (189, 'v189'), (190, 'v190'), (191, 'v191'), (192, 'v192'), (193, 'v193'), (194, 'v194'), (195, 'v195'), (196, 'v196'), (197, 'v197'), (198, 'v198'), (199, 'v199'), (200, 'v200'), (201, 'v201'), (202, 'v202'), (203, 'v203'), (204, 'v204'), (205, 'v205'), (206, 'v206'), (207, 'v207'), (208, 'v208'), (209, 'v209'), (210, 'v210'), (211, 'v211'), (212, 'v212'), (213, 'v213'), (214, 'v214'), (215, 'v215'), (216, 'v216'), (217, 'v217'), (218, 'v218'), (219, 'v219'), (220, 'v220'), (221, 'v221'), (222, 'v222'), (223, 'v223'), (224, 'v224'), (225, 'v225'), (226, 'v226'), (227, 'v227'), (228, 'v228'), (229, 'v229'), (230, 'v230'), (231, 'v231'), (232, 'v232'), (233, 'v233'), (234, 'v234'), (235, 'v235'), (236, 'v236'), (237, 'v237'), (238, 'v238'), (239, 'v239'), (240, 'v240'), (241, 'v241'), (242, 'v242'), (243, 'v243'), (244, 'v244'), (245, 'v245'), (246, 'v246'), (247, 'v247'), (248, 'v248'), (249, 'v249'), (250, 'v250'), (251, 'v251'), (252, 'v252'), (253, 'v253'), (254, 'v254'), (255, 'v255'), (256, 'v256'), (257, 'v257'), (258, 'v258'), (259, 'v259'), (260, 'v260'), (261, 'v261'), (262, 'v262'), (263, 'v263'), (264, 'v264'), (265, 'v265'), (266, 'v266'), (267, 'v267'), (268, 'v268'), (269, 'v269'), (270, 'v270'), (271, 'v271'), (272, 'v272'), (273, 'v273'), (274, 'v274'), (275, 'v275'), (276, 'v276'), (277, 'v277'), (278, 'v278'), (279, 'v279'), (280, 'v280'), (281, 'v281'), (282, 'v282'), (283, 'v283'), (284, 'v284'), (285, 'v285'), (286, 'v286'), (287, 'v287'), (288, 'v288'), (289, 'v289'), (290, 'v290'), (291, 'v291'), (292, 'v292'), (293, 'v293'), (294, 'v294'), (295, 'v295'), (296, 'v296'), (297, 'v297'), (298, 'v298'), (299, 'v299'), (300, 'v300'), (301, 'v301'), (302, 'v302'), (303, 'v303'), (304, 'v304'), (305, 'v305'), (306, 'v306'), (307, 'v307'), (308, 'v308'), (309, 'v309'), (310, 'v310'), (311, 'v311'), (312, 'v312'), (313, 'v313'), (314, 'v314'), (315, 'v315'), (316, 'v316'), (317, 'v317'), (318, 'v318'), (319, 'v319'), (320, 'v320'), (321, 'v321'), (322, 'v322'), (323, 'v323'), (324, 'v324'), (325, 'v325'), (326, 'v326'), (327, 'v327'), (328, 'v328'), (329, 'v329'), (330, 'v330'), (331, 'v331'), (332, 'v332'), (333, 'v333'), (334, 'v334'), (335, 'v335'), (336, 'v336'), (337, 'v337'), (338, 'v338'), (339, 'v339'), (340, 'v340'), (341, 'v341'), (342, 'v342'), (343, 'v343'), (344, 'v344'), (345, 'v345'), (346, 'v346'), (347, 'v347'), (348, 'v348'), (349, 'v349'), (350, 'v350'), (351, 'v351'), (352, 'v352'), (353, 'v353'), (354, 'v354'), (355, 'v355'), (356, 'v356'), (357, 'v357'), (358, 'v358'), (359, 'v359'), (360, 'v360'), (361, 'v361'), (362, 'v362'), (363, 'v363'), (364, 'v364'), (365, 'v365'), (366, 'v366'), (367, 'v367'), (368, 'v368'), (369, 'v369'), (370, 'v370'), (371, 'v371'), (372, 'v372'), (373, 'v373'), (374, 'v374'), (375, 'v375'), (376, 'v376'), (377, 'v377'), (378, 'v378'), (379, 'v379'), (380, 'v380'), (381, 'v381'), (382, 'v382'), (383, 'v383'), (384, 'v384'), (385, 'v385'), (386, 'v386'), (387, 'v387'), (388, 'v388'), (389, 'v389'), (390, 'v390'), (391, 'v391'), (392, 'v392'), (393, 'v393'), (394, 'v394'), (395, 'v395'), (396, 'v396'), (397, 'v397'), (398, 'v398'), (399, 'v399'), (400, 'v400'), (401, 'v401'), (402, 'v402'), (403, 'v403'), (404, 'v404'), (405, 'v405'), (406, 'v406'), (407, 'v407'), (408, 'v408'), (409, 'v409'), (410, 'v410'), (411, 'v411'), (412, 'v412'), (413, 'v413'), (414, 'v414'), (415, 'v415'), (416, 'v416'), (417, 'v417'), (418, 'v418'), (419, 'v419'), (420, 'v420'), (421, 'v421'), (422, 'v422'), (423, 'v423'), (424, 'v424'), (425, 'v425'), (426, 'v426'), (427, 'v427'), (428, 'v428'), (429, 'v429'), (430, 'v430'), (431, 'v431'), (432, 'v432'), (433, 'v433'), (434, 'v434'), (435, 'v435'), (436, 'v436'), (437, 'v437'), (438, 'v438'), (439, 'v439'), (440, 'v440'), (441, 'v441'), (442, 'v442'), (443, 'v443'), (444, 'v444'), (445, 'v445'), (446, 'v446'), (447, 'v447'), (448, 'v448'), (449, 'v449'), (450, 'v450'), (451, 'v451'), (452, 'v452'), (453, 'v453'), (454, 'v454'), (455, 'v455'), (456, 'v456'), (457, 'v457'), (458, 'v458'), (459, 'v459'), (460, 'v460'), (461, 'v461'), (462, 'v462'), (463, 'v463'), (464, 'v464'), (465, 'v465'), (466, 'v466'), (467, 'v467'), (468, 'v468'), (469, 'v469'), (470, 'v470'), (471, 'v471'), (472, 'v472'), (473, 'v473'), (474, 'v474'), (475, 'v475'), (476, 'v476'), (477, 'v477'), (478, 'v478'), (479, 'v479'), (480, 'v480'), (481, 'v481'), (482, 'v482'), (483, 'v483'), (484, 'v484'), (485, 'v485'), (486, 'v486'), (487, 'v487'), (488, 'v488'), (489, 'v489'), (490, 'v490'), (491, 'v491'), (492, 'v492'), (493, 'v493'), (494, 'v494'), (495, 'v495'), (496, 'v496'), (497, 'v497'), (498, 'v498'), (499, 'v499'), (500, 'v500')) AS v (n, t)
---
SELECT 1 AS n, count(*) AS orders FROM orders WHERE customer = 1
UNION ALL
SELECT 2 AS n, count(*) AS orders FROM orders WHERE customer = 2
UNION ALL
SELECT 3 AS n, count(*) AS orders FROM orders WHERE customer = 3
UNION ALL
SELECT 4 AS n, count(*) AS orders FROM orders WHERE customer = 4
UNION ALL
SELECT 5 AS n, count(*) AS orders FROM orders WHERE customer = 5
UNION ALL
SELECT 6 AS n, count(*) AS orders FROM orders WHERE customer = 6
UNION ALL
SELECT 7 AS n, count(*) AS orders FROM orders WHERE customer = 7
UNION ALL
SELECT 8 AS n, count(*) AS orders FROM orders WHERE customer = 8
UNION ALL
SELECT 9 AS n, count(*) AS orders FROM orders WHERE customer = 9
UNION ALL
SELECT 10 AS n, count(*) AS orders FROM orders WHERE customer = 10
UNION ALL
SELECT 11 AS n, count(*) AS orders FROM orders WHERE customer = 11
UNION ALL
SELECT 12 AS n, count(*) AS orders FROM orders WHERE customer = 12
UNION ALL
SELECT 13 AS n, count(*) AS orders FROM orders WHERE customer = 13
UNION ALL
SELECT 14 AS n, count(*) AS orders FROM orders WHERE customer = 14
UNION ALL
SELECT 15 AS n, count(*) AS orders FROM orders WHERE customer = 15
UNION ALL
SELECT 16 AS n, count(*) AS orders FROM orders WHERE customer = 16
UNION ALL
SELECT 17 AS n, count(*) AS orders FROM orders WHERE customer = 17
UNION ALL
SELECT 18 AS n, count(*) AS orders FROM orders WHERE customer = 18
UNION ALL
SELECT 19 AS n, count(*) AS orders FROM orders WHERE customer = 19
UNION ALL
SELECT 20 AS n, count(*) AS orders FROM orders WHERE customer = 20
UNION ALL
SELECT 21 AS n, count(*) AS orders FROM orders WHERE customer = 21
UNION ALL
SELECT 22 AS n, count(*) AS orders FROM orders WHERE customer = 22
UNION ALL
SELECT 23 AS n, count(*) AS orders FROM orders WHERE customer = 23
UNION ALL
SELECT 24 AS n, count(*) AS orders FROM orders WHERE customer = 24
UNION ALL
SELECT 25 AS n, count(*) AS orders FROM orders WHERE customer = 25
UNION ALL
SELECT 26 AS n, count(*) AS orders FROM orders WHERE customer = 26
UNION ALL
SELECT 27 AS n, count(*) AS orders FROM orders WHERE customer = 27
UNION ALL
SELECT 28 AS n, count(*) AS orders FROM orders WHERE customer = 28
UNION ALL
SELECT 29 AS n, count(*) AS orders FROM orders WHERE customer = 29
UNION ALL
SELECT 30 AS n, count(*) AS orders FROM orders WHERE customer = 30
UNION ALL
SELECT 31 AS n, count(*) AS orders FROM orders WHERE customer = 31
UNION ALL
SELECT 32 AS n, count(*) AS orders FROM orders WHERE customer = 32
UNION ALL
SELECT 33 AS n, count(*) AS orders FROM orders WHERE customer = 33
UNION ALL
SELECT 34 AS n, count(*) AS orders FROM orders WHERE customer = 34
UNION ALL
SELECT 35 AS n, count(*) AS orders FROM orders WHERE customer = 35
UNION ALL
SELECT 36 AS n, count(*) AS orders FROM orders WHERE customer = 36
UNION ALL
SELECT 37 AS n, count(*) AS orders FROM orders WHERE customer = 37
UNION ALL
SELECT 38 AS n, count(*) AS orders FROM orders WHERE customer = 38
UNION ALL
SELECT 39 AS n, count(*) AS orders FROM orders WHERE customer = 39
UNION ALL
SELECT 40 AS n, count(*) AS orders FROM orders WHERE customer = 40
UNION ALL
SELECT 41 AS n, count(*) AS orders FROM orders WHERE customer = 41
UNION ALL
SELECT 42 AS n, count(*) AS orders FROM orders WHERE customer = 42
UNION ALL
SELECT 43 AS n, count(*) AS orders FROM orders WHERE customer = 43
UNION ALL
SELECT 44 AS n, count(*) AS orders FROM orders WHERE customer = 44
UNION ALL
SELECT 45 AS n, count(*) AS orders FROM orders WHERE customer = 45
UNION ALL
SELECT 46 AS n, count(*) AS orders FROM orders WHERE customer = 46
UNION ALL
SELECT 47 AS n, count(*) AS orders FROM orders WHERE customer = 47
UNION ALL
SELECT 48 AS n, count(*) AS orders FROM orders WHERE customer = 48
UNION ALL
SELECT 49 AS n, count(*) AS orders FROM orders WHERE customer = 49
UNION ALL
SELECT 50 AS n, count(*) AS orders FROM orders WHERE customer = 50
UNION ALL
SELECT 51 AS n, count(*) AS orders FROM orders WHERE customer = 51
UNION ALL
SELECT 52 AS n, count(*) AS orders FROM orders WHERE customer = 52
UNION ALL
SELECT 53 AS n, count(*) AS orders FROM orders WHERE customer = 53
UNION ALL
SELECT 54 AS n, count(*) AS orders FROM orders WHERE customer = 54
UNION ALL
SELECT 55 AS n, count(*) AS orders FROM orders WHERE customer = 55
UNION ALL
SELECT 56 AS n, count(*) AS orders FROM orders WHERE customer = 56
UNION ALL
SELECT 57 AS n, count(*) AS orders FROM orders WHERE customer = 57
UNION ALL
SELECT 58 AS n, count(*) AS orders FROM orders WHERE customer = 58
UNION ALL
SELECT 59 AS n, count(*) AS orders FROM orders WHERE customer = 59
UNION ALL
SELECT 60 AS n, count(*) AS orders FROM orders WHERE customer = 60
ORDER BY n
---
SELECT 1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1 AS sum
---
SELECT ((((((((((((((((((((((((((((((((((((((((1)))))))))))))))))))))))))))))))))))))))) AS deep, coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(NULL, 1)))))))))))))))))))))))))))))) AS coalesced
---
WITH
  -- one part for each state, then one line for each month
  new_orders AS (
    SELECT
      o.id,
      o.customer,
      o.placed,
      o.total,
      c.name,
      (c.home).city AS city
    FROM orders AS o
    JOIN customers AS c
      ON c.id = o.customer
    WHERE o.state = 'new'
      AND o.total > 0
  ),

  paid_orders AS (
    SELECT
      o.id,
      o.customer,
      o.placed,
      o.total,
      c.name,
      (c.home).city AS city
    FROM orders AS o
    JOIN customers AS c
      ON c.id = o.customer
    WHERE o.state = 'paid'
      AND o.total > 0
  ),

  sent_orders AS (
    SELECT
      o.id,
      o.customer,
      o.placed,
      o.total,
      c.name,
      (c.home).city AS city
    FROM orders AS o
    JOIN customers AS c
      ON c.id = o.customer
    WHERE o.state = 'sent'
      AND o.total > 0
  ),

  returned_orders AS (
    SELECT
      o.id,
      o.customer,
      o.placed,
      o.total,
      c.name,
      (c.home).city AS city
    FROM orders AS o
    JOIN customers AS c
      ON c.id = o.customer
    WHERE o.state = 'returned'
      AND o.total > 0
  ),

  every_order AS (
    SELECT
      'new' AS state,
      city,
      placed,
      total
    FROM new_orders
    UNION ALL
    SELECT
      'paid' AS state,
      city,
      placed,
      total
    FROM paid_orders
    UNION ALL
    SELECT
      'sent' AS state,
      city,
      placed,
      total
    FROM sent_orders
    UNION ALL
    SELECT
      'returned' AS state,
      city,
      placed,
      total
    FROM returned_orders
  )
SELECT
  city,
  state,
  sum(
    CASE
      WHEN placed >= '2024-01-01' AND placed < '2024-02-01' THEN total
      ELSE 0
    END) AS month_2024_01,
  sum(
    CASE
      WHEN placed >= '2024-02-01' AND placed < '2024-03-01' THEN total
      ELSE 0
    END) AS month_2024_02,
  sum(
    CASE
      WHEN placed >= '2024-03-01' AND placed < '2024-04-01' THEN total
      ELSE 0
    END) AS month_2024_03,
  sum(
    CASE
      WHEN placed >= '2024-04-01' AND placed < '2024-05-01' THEN total
      ELSE 0
    END) AS month_2024_04,
  sum(
    CASE
      WHEN placed >= '2024-05-01' AND placed < '2024-06-01' THEN total
      ELSE 0
    END) AS month_2024_05,
  sum(
    CASE
      WHEN placed >= '2024-06-01' AND placed < '2024-07-01' THEN total
      ELSE 0
    END) AS month_2024_06,
  sum(
    CASE
      WHEN placed >= '2024-07-01' AND placed < '2024-08-01' THEN total
      ELSE 0
    END) AS month_2024_07,
  sum(
    CASE
      WHEN placed >= '2024-08-01' AND placed < '2024-09-01' THEN total
      ELSE 0
    END) AS month_2024_08,
  sum(
    CASE
      WHEN placed >= '2024-09-01' AND placed < '2024-10-01' THEN total
      ELSE 0
    END) AS month_2024_09,
  sum(
    CASE
      WHEN placed >= '2024-10-01' AND placed < '2024-11-01' THEN total
      ELSE 0
    END) AS month_2024_10,
  sum(
    CASE
      WHEN placed >= '2024-11-01' AND placed < '2024-12-01' THEN total
      ELSE 0
    END) AS month_2024_11,
  sum(
    CASE
      WHEN placed >= '2024-12-01' AND placed < '2025-01-01' THEN total
      ELSE 0
    END) AS month_2024_12,
  sum(
    CASE
      WHEN placed >= '2025-01-01' AND placed < '2025-02-01' THEN total
      ELSE 0
    END) AS month_2025_01,
  sum(
    CASE
      WHEN placed >= '2025-02-01' AND placed < '2025-03-01' THEN total
      ELSE 0
    END) AS month_2025_02,
  sum(
    CASE
      WHEN placed >= '2025-03-01' AND placed < '2025-04-01' THEN total
      ELSE 0
    END) AS month_2025_03,
  sum(
    CASE
      WHEN placed >= '2025-04-01' AND placed < '2025-05-01' THEN total
      ELSE 0
    END) AS month_2025_04,
  sum(
    CASE
      WHEN placed >= '2025-05-01' AND placed < '2025-06-01' THEN total
      ELSE 0
    END) AS month_2025_05,
  sum(
    CASE
      WHEN placed >= '2025-06-01' AND placed < '2025-07-01' THEN total
      ELSE 0
    END) AS month_2025_06,
  sum(
    CASE
      WHEN placed >= '2025-07-01' AND placed < '2025-08-01' THEN total
      ELSE 0
    END) AS month_2025_07,
  sum(
    CASE
      WHEN placed >= '2025-08-01' AND placed < '2025-09-01' THEN total
      ELSE 0
    END) AS month_2025_08,
  sum(
    CASE
      WHEN placed >= '2025-09-01' AND placed < '2025-10-01' THEN total
      ELSE 0
    END) AS month_2025_09,
  sum(
    CASE
      WHEN placed >= '2025-10-01' AND placed < '2025-11-01' THEN total
      ELSE 0
    END) AS month_2025_10,
  sum(
    CASE
      WHEN placed >= '2025-11-01' AND placed < '2025-12-01' THEN total
      ELSE 0
    END) AS month_2025_11,
  sum(
    CASE
      WHEN placed >= '2025-12-01' AND placed < '2026-01-01' THEN total
      ELSE 0
    END) AS month_2025_12,

  count(*) AS orders,

  sum(total) AS total
FROM every_order
GROUP BY
  city,
  state
HAVING sum(total) > 0
ORDER BY
  city,
  state
