-- What `mattekit batch` of 23 November 2026 wrote for three pictures, without its thumbnails.
BEGIN TRANSACTION;
CREATE TABLE work (
    id INTEGER PRIMARY KEY,
    folder BLOB NOT NULL,
    name BLOB NOT NULL,
    format TEXT NOT NULL,       -- value of the option: a picture may be made in several
    stem BLOB NOT NULL,         -- of the output, within the folder
    size INTEGER NOT NULL,      -- of the input when it was listed
    stamp TEXT NOT NULL,
    recipe TEXT NOT NULL,       -- wanted
    status TEXT NOT NULL,       -- pending, done, failed
    run INTEGER NOT NULL,       -- the last look that wanted it
    digest TEXT NOT NULL DEFAULT '',
    made TEXT NOT NULL DEFAULT '',         -- recipe of the output that is there
    output BLOB NOT NULL DEFAULT x'',
    output_size INTEGER NOT NULL DEFAULT 0,
    output_stamp TEXT NOT NULL DEFAULT '',
    facts TEXT NOT NULL DEFAULT '{}',
    stages TEXT NOT NULL DEFAULT '{}',
    failure TEXT NOT NULL DEFAULT '',
    thumbnail BLOB NOT NULL DEFAULT x'',
    UNIQUE (folder, name, format)
);
INSERT INTO "work" VALUES(1,X'',X'612E706E67','png',X'61',275,'1795913367926736071','d4f28121526b1692fcebc3ed713b27f9','done',2,'bedb1a73b3967d9d97da71dca27af8bd3445e272d88325932d76dd4ffb13418b','d4f28121526b1692fcebc3ed713b27f9',X'612E706E67',214,'1795913386200448348','{"width": 64, "height": 48, "found": true, "kind": "graphic", "box": [16, 8, 49, 41]}','{"read": 0.0002733270011958666, "decode": 0.15748766500109923, "segment": 2.627817098000378, "refine": 0.3984964219998801, "encode": 1.6138429610000458, "write": 0.0005669439997291192}','',X'');
INSERT INTO "work" VALUES(2,X'',X'622E706E67','png',X'62',279,'1795913367930259393','d4f28121526b1692fcebc3ed713b27f9','done',2,'32a600fdc76dcece9612e1bf41209d9ee84d113cca5d78ae687996c40ebb91af','d4f28121526b1692fcebc3ed713b27f9',X'622E706E67',215,'1795913388336137053','{"width": 64, "height": 48, "found": true, "kind": "graphic", "box": [16, 8, 49, 41]}','{"read": 0.0002741579992289189, "decode": 6.943300104467198e-05, "segment": 1.6607240080011252, "refine": 0.002380703001108486, "encode": 0.0580713140006992, "write": 0.00044961899766349234}','',X'');
INSERT INTO "work" VALUES(3,X'64656570',X'632E706E67','png',X'63',278,'1795913367930765125','960d68c0f180c06bf4a34ded582c1768','done',2,'fcf8d6df54f23af3ac86f12c69a81b6eef2150240d05e27276e504b6b9b76360','960d68c0f180c06bf4a34ded582c1768',X'646565702F632E706E67',296,'1795913386832218724','{"width": 64, "height": 48, "found": true, "kind": "graphic", "box": [16, 8, 49, 41]}','{"read": 0.00028699799804599024, "decode": 0.00024147899966919795, "segment": 2.2155430400016485, "refine": 0.060917067999980645, "encode": 0.0014743440005986486, "write": 0.0005122520014992915}','',X'');
CREATE INDEX pending ON work (id) WHERE status = 'pending';
COMMIT;
PRAGMA user_version = 1;
