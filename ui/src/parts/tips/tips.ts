// What is worth knowing about each page that one does not see at once? Named as in src/routes.tsx; a test holds both.

const LISTS = "In lists j and k move, Enter opens, and the other button of the mouse copies rows as CSV, JSON or INSERT.";
const ADDRESS = "Filters, range, order and the opened row are in the address: copy it, and a colleague sees the same.";
const PALETTE = "Ctrl+K finds pages, tables, columns, queries and people; # narrows to tables and columns, @ to people.";
const SIGN_IN = "F1 opens the guide of the page, here too.";

export const TIPS: Record<string, readonly string[]> = {
  "/sign-in": [SIGN_IN],
  "/register": [SIGN_IN],
  "/setup": [SIGN_IN],
  "/forgotten-password": [SIGN_IN],
  "/reset-password": [SIGN_IN],
  "/invitation": [SIGN_IN],
  "/confirm-email": [SIGN_IN],
  "/profile": ["Your data under Your data is yours to take along: one file with everything that is kept of you.", "Signed in shows every browser that is signed in as you, and ends each of them."],
  "/tokens": ["A token never may more than its person: when your role changes, so does what it may.", "The secret of a token is shown once. Lost it? Revoke it and make another."],
  "/instance": ["An admin of the instance sees that a workspace exists, not what is in it.", "Make a second admin before you need one: the last one stays."],
  "/": [PALETTE, "Newly slower compares the last hour with the same hour of the seven days before.", "The ? key lists what else the keyboard can do on the page you are on."],
  "/welcome": ["You can leave this and come back: what you have done stays done."],
  "/sql": ["Queries run read-only whatever they say: the rules judge them, and the transaction cannot write.", "What you type is kept in this browser: a reload loses nothing."],
  "/saved-queries": ["The star marks a query for you alone: others have their own.", ADDRESS],
  "/saved-queries/$query": ["Every text a saved query ever had is under Versions: compare two, or bring one back."],
  "/tables": ["Ctrl+K with # before the word finds a table or a column in every connection at once.", ADDRESS],
  "/tables/$connection/$key": ["Reads and Writes over 30 days tell whether a column is still used, before you drop it."],
  "/traffic": ["Drag over an hour in a chart to look at just that time.", "p pauses what is live, so that you can read it, and lets it go on."],
  "/queries": ["Order by p95 to see what is slow each time, by share of time to see what costs the most.", LISTS],
  "/queries/$fingerprint": ["Plan asks the database how it would run the statement, without running it.", "Callers tells which application and role run it, and how often."],
  "/sessions": ["Who blocks whom names the session at the top that holds up all below it.", "p pauses the list: rows keep their place while you read."],
  "/connections": ["A connection through a listener has the rules and the ledger of that listener.", "The tab Listeners shows what is published for each, and where it is in force."],
  "/connections/new": ["Paste a URL such as postgres://user@host/database: the fields fill themselves.", "Test the connection before you save it: what is wrong is told, with what helps."],
  "/connections/$connection": ["Passwords are sealed and never shown again, not even to you."],
  "/diagram": ["Begin with one table: its neighbours come with it. + and - go nearer and farther, 0 shows all.", "/ goes to a table by its name."],
  "/schema-history": ["A change is told with how bad it may be for what uses the database."],
  "/schema-import": ["A file with mistakes changes nothing: each row in error is shown with its place."],
  "/access-report": ["The address holds the question: keep it, and ask again next month.", "r makes the report again."],
  "/privacy": ["Your profile has one file with everything that is kept of you."],
  "/fleet": ["A data plane that is lost here usually goes on serving with the rules it has.", "Open a data plane to see when it restarted, was lost and came back."],
  "/rule-sets": ["A published rule set never goes below the floor of the settings file.", "Observe first: refusals are recorded, and nobody is held up."],
  "/rule-sets/$ruleSet": ["Test cases run with every change, and publishing waits until they hold.", "Each version stays: roll back brings an earlier one into force within seconds."],
  "/audit": ["At the left stand the values that occur, with their counts: a click makes one a filter.", ADDRESS],
  "/audit/$record": ["The address of a record stays the same: put it into a ticket."],
  "/activity": ["Searches of the ledger are written down here too, with their conditions.", ADDRESS],
  "/members": ["A single capability can be given beyond a role: open the member.", "Link a name on the wire to a person, and statements are told with who it is."],
  "/settings": ["The slug is in every address of the workspace: links are kept when only the name changes."],
  "/notifications": ["Kinds you do not want to hear of can be muted under What I am told, for you alone.", "g n comes back here from anywhere; e marks all as read."],
};
