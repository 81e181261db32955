"""The verbs by which discovery guesses what an operation does. Tables only."""

from __future__ import annotations

from discovery.words import vocabulary

READING = vocabulary(
    "get list read fetch retrieve find search query lookup show view describe browse download export count check "
    "preview validate calculate estimate compare status ping head is has health return obtain display render parse "
    "inspect explain diff compute detect determine load look report summarize translate suggest autocomplete analyze "
    "analyse review provide select see give contain watch poll stream tail scan trace print verify test aggregate "
    "match enrich whether retreive resturn"
)
#: verbs of looking; the last two are how documents misspell them

ASKING = vocabulary(
    "search query lookup find get list retrieve fetch preview validate calculate estimate count parse render compare "
    "match enrich translate detect suggest autocomplete explain analyze analyse inspect describe browse check diff "
    "read"
)
#: a POST whose path or name asks by one of these, and in which nothing speaks of an effect, only looks something up

ASKING_OR_THING = vocabulary("count estimate list get query match check find parse fetch read")
#: these are also things that are made, or too weak by themselves: the summary must say so too

DELETING = vocabulary(
    "delete destroy remove erase purge wipe void cancel terminate archive trash discard expire uninstall drop "
    "offboard prune unpublish clear truncate scrub redact deprovision decommission"
)

MONEY_VERBS = vocabulary(
    "pay charge refund capture payout settle withdraw deposit debit disburse reimburse purchase buy donate topup remit"
)

SENDING = vocabulary("send resend email mail notify remind forward reply broadcast publish sms dispatch_email")

RELEASING = vocabulary("queue trigger start schedule dispatch deliver execute release post send test")
#: done to a message, they let it go

PERMISSION_VERBS = vocabulary(
    "grant revoke permit authorize deauthorize enable disable suspend unsuspend deactivate activate reactivate lock "
    "unlock block unblock ban unban promote demote impersonate rotate reset_password add_member remove_member invite "
    "kick restrict login logout signin invalidate mute protect unprotect"
)

ISSUING = vocabulary(
    "create generate issue request obtain provision exchange mint renew refresh rotate regenerate return get "
    "retrieve reset set revoke invalidate"
)

ABOUT_ACCOUNTS = vocabulary(
    "enable disable suspend unsuspend deactivate activate reactivate lock unlock block unblock approve restrict "
    "invalidate mute promote demote rotate authorize terminate"
)

WRITING = vocabulary(
    "create add new insert post put patch update edit modify change set save store upsert replace rename move copy "
    "assign unassign link unlink attach associate register open close reopen complete finish resolve mark win lose "
    "convert upload tag label star unstar pin unpin follow unfollow subscribe watch start stop pause resume approve "
    "reject accept decline confirm release submit schedule reschedule book reserve merge restore unarchive undo log "
    "record sync hold unhold escalate advance ship fulfill allocate adjust receive onboard checkin checkout request "
    "react vote like rate rank reorder sort snooze transition comment share finalize issue apply amend toggle "
    "duplicate clone fork reboot restart shutdown boot resize rebuild generate regenerate reset refresh retry rerun "
    "initiate instantiate configure upgrade downgrade provision install deploy rollback revert append detach "
    "disconnect connect establish enroll migrate test ping simulate redeliver unwatch unsubscribe join leave extend "
    "perform make give increase decrease increment decrement acknowledge dismiss rerequest indicate report signal "
    "favorite unfavorite publicize conceal unlike commit recover reprioritize swap split combine place enable "
    "disable push pull recycle mirror dispatch rotate launch draft write begin end enqueue queue play keep pick "
    "mutate rescue redeem accumulate deny prepare sanitize enhance decrypt unfurl requeue unassociate "
    "disassociate unschedule reassign replicate evaluate unapply fill"
)

CREATING = vocabulary("create add new insert post put save store upsert register")
#: the plain ways to say that a record is made

OPAQUE = vocabulary(
    "batch bulk execute exec run invoke trigger graphql rpc eval command script macro webhook_test proxy import "
    "process action"
)
#: nothing can be said of what these do: they run something else, or many things at once

PLAIN = READING | WRITING | DELETING | MONEY_VERBS | SENDING | PERMISSION_VERBS | OPAQUE | {"transfer", "reverse"}
#: every verb we know

MODIFIERS = vocabulary("force bulk batch mass auto async multi gdpr")

ADVERBS = vocabulary(
    "permanently manually bulk batch partially fully privately selectively deprecated crud force mass safely "
    "immediately automatically programmatically asynchronously to please now multi"
)
#: before the verb of a sentence

THINGS = vocabulary(
    "log record mail email sms new rate label tag comment issue key order request schedule book post put patch store "
    "set job script report status health head count check list query search preview estimate export download review "
    "view display message sort rank vote batch bulk reply access call match test macro command action process "
    "broadcast mirror trace notification write like draft queue"
)
#: verbs that in a read are things, as often as not

DOUBTFUL = vocabulary(
    "open star watch link follow share copy run import transfer charge purchase deposit fork clone commit merge hold "
    "split launch pull push upgrade deploy backup restore change move end mark invite ship sync checkout upload lock "
    "block transition archive trash amend swap leave join protect mute place fill release rpc clear pin react apply "
    "capture reserve extend topup donate enroll toggle resize"
)
#: verbs that in a read may be things: only where the name or the summary says that they are looked at

EFFECTS = PLAIN - READING - THINGS - DOUBTFUL | vocabulary("login logout signin")
#: words that make a GET suspicious wherever they stand as a verb

DOING = (PLAIN - READING - vocabulary("head list")) | vocabulary("trigger verify")
#: verbs that say, at the head of a sentence, that something is done

ENDINGS = vocabulary(
    "logout signout unsubscribe authorize callback signin signup confirm activate verify login exec proxy"
)
#: a GET of such a path changes a session or a state, whatever it is called

OPPOSITES = (
    ("archive", "unarchive restore"), ("trash", "untrash restore"), ("add", "remove delete"), ("kick", "invite"),
    ("block", "unblock"), ("lock", "unlock"), ("enable", "disable"), ("activate", "deactivate"), ("ban", "unban"),
    ("suspend", "unsuspend reactivate activate resume"), ("hold", "unhold release"), ("pin", "unpin"),
    ("star", "unstar"), ("follow", "unfollow"), ("subscribe", "unsubscribe"), ("start", "stop"), ("open", "close"),
    ("close", "reopen"), ("pause", "resume"), ("assign", "unassign"), ("link", "unlink"), ("attach", "detach"),
    ("publish", "unpublish"), ("mute", "unmute"), ("protect", "unprotect"), ("apply", "unapply"),
    ("schedule", "unschedule"), ("connect", "disconnect"), ("grant", "revoke"), ("join", "leave"),
    ("install", "uninstall"), ("promote", "demote"), ("like", "unlike"), ("favorite", "unfavorite"),
    ("approve", "unapprove restrict"), ("restrict", "unrestrict approve"),
    ("create", "delete remove cancel void expire"), ("invite", "kick uninvite"), ("lend", "return"),
    ("shutdown", "boot"), ("reserve", "release"), ("tag", "untag"),
    ("hide", "unhide show"), ("watch", "unwatch"), ("share", "unshare revoke"), ("associate", "disassociate"),
    ("register", "unregister deregister"), ("allow", "deny"), ("post", "unpost"), ("mark", "unmark"),
)  # fmt: skip
#: a deed and what undoes it, the best first; both ways where the second has no pair of its own
