"""The verbs and nouns by which discovery guesses what an operation does. Tables only."""

from __future__ import annotations

from discovery.words import vocabulary

READING = vocabulary(
    "get list read fetch retrieve find search query lookup show view describe browse download export count check "
    "preview validate calculate estimate compare status ping head is has health return obtain display render parse "
    "inspect explain diff compute detect determine load look report summarize translate suggest autocomplete "
    "analyze analyse review provide select see give contain watch poll stream tail scan trace print verify test "
    "aggregate match enrich whether retreive resturn"
)
#: verbs of looking; the last two are how documents misspell them

ASKING = vocabulary(
    "search query lookup find get list retrieve fetch preview validate calculate estimate count parse render compare "
    "match enrich translate detect suggest autocomplete explain analyze analyse inspect describe browse check diff read"
)
#: a POST whose path or name asks by one of these, and in which nothing speaks of an effect, only looks something up

ASKING_OR_THING = vocabulary("count estimate list get query match check find parse fetch read")
#: these are also things that are made, or too weak by themselves: the summary must say so too

DRAWN = vocabulary("preview estimate calculation comparison")
#: what may be generated without being kept

DELETING = vocabulary(
    "delete destroy remove erase purge wipe void cancel terminate archive trash discard expire uninstall drop "
    "offboard prune unpublish clear truncate scrub redact deprovision decommission"
)

STOPPABLE = vocabulary(
    "run job build deployment pipeline task upload import export query migration workflow process execution step "
    "backup restore scan simulation"
)
#: work under way: to cancel it removes no record

MONEY_VERBS = vocabulary(
    "pay charge refund capture payout settle withdraw deposit debit disburse reimburse purchase buy donate topup remit"
)

MONEY_NOUNS = vocabulary(
    "payment refund invoice payout transfer charge invoiceitem invoice_item line_item credit_note creditnote "
    "disbursement payment_intent setup_intent subscription subscription_item subscription_schedule bank_transfer "
    "batch_payment bank_transaction prepayment overpayment payroll pay_run payrun payslip salary bill expense "
    "withdrawal deposit journal manual_journal credit balance_transaction topup mandate checkout order_payment "
    "payment_method dispute wallet receipt expense_claim donation payment_link creditmemo credit_memo debitmemo "
    "debit_memo order_line_item billing_plan billing_document balance reversal chargeback purchase remittance "
    "payment_order paylink settlement outbound_transfer inbound_transfer wire_transfer fund_transfer balance_transfer "
    "recurring_transfer credit_transfer money_transfer"
)
MONEY_HEADS = vocabulary("payment refund payout invoice donation topup")
#: what ends in one of these is one: `outbound_payment`

MONEY_WORDS = vocabulary(
    "amount amounts money price total subtotal currency quantity qty fee fees tax discount balance due paid credit "
    "debit account bank card source destination method line lines item items status state payment payments units "
    "rate cost refund invoice invoices splits period billing days terms capture auto coupon plan trial date type "
    "allocation allocations value percent"
)
#: words of an argument by which a change of a payment may move money; without any of them it does not

PAYING = vocabulary(
    "destination payment_method payment_method_id card card_token bank_account iban creditor debtor payee "
    "beneficiary payment_source nonce origination_account_id funding_account_id to_account from_account "
    "recipient_account"
)
#: an argument of such a name beside an amount: money goes from here to there

NEUTRAL = vocabulary(
    "comment note attachment tag label metadata upload attach link unlink favorite star document file custom_field "
    "email send export download print history watermark lock unlock recording feedback image field transcription "
    "property"
)
#: what is done to a payment or a message under these names moves no money and reaches nobody by itself

SENDING = vocabulary("send resend email mail notify remind forward reply broadcast publish sms dispatch_email")
RELEASING = vocabulary("queue trigger start schedule dispatch deliver execute release post send test")
#: done to a message, they let it go

MESSAGE_NOUNS = vocabulary(
    "email mail message sms notification reminder fax call outbound_message phone_call chat_message direct_message "
    "newsletter ephemeral text_message voice_message registrant inbox"
)
MESSAGE_HEADS = vocabulary("message email sms reminder registrant otp")
SENT = MESSAGE_NOUNS | vocabulary(
    "messages emails notifications reminders mails invitation invitations confirmation receipt newsletter reply "
    "announcement code"
)
#: what "sends a …" must be about to reach somebody: "send a GET request" does not

RECIPIENTS = vocabulary("to recipient recipients cc bcc to_number to_email phone_numbers")
TOLD = vocabulary("subject text body message html content template_id")
#: a recipient beside one of these is a message

PERMISSION_VERBS = vocabulary(
    "grant revoke permit authorize deauthorize enable disable suspend unsuspend deactivate activate reactivate "
    "lock unlock block unblock ban unban promote demote impersonate rotate reset_password add_member "
    "remove_member invite kick restrict login logout signin invalidate mute protect unprotect"
)

PERMISSION_NOUNS = vocabulary(
    "permission role grant scope membership member collaborator password token access_token api_key key secret "
    "credential policy acl entitlement role_assignment group_member access privilege admin ssh_key deploy_key "
    "service_account access_request oauth_client client_secret access_policy access_grant authorization session_token invitation "
    "moderator ownership owner collaboration login auth hmac webhook hook webhook_endpoint administrator maintainer "
    "invite permissions_config protection allowlist whitelist blocklist blacklist access_control signin oauth "
    "permission_scheme sshkey apikey accesskey clusterrole cluster_role oauth_2 permissionscheme role_binding cluster_role_binding rolebinding clusterrolebinding oauth2 "
    "client_key hmac_signature usergroup_user group_user team_user collaborators"
)
PERMISSION_HEADS = vocabulary(
    "permission permissions token secret credential credentials collaborator grant membership acl webhook password "
    "whitelist allowlist blacklist blocklist passwd"
)
#: what ends in one of these is one: `registration_token`

KEY_KINDS = vocabulary(
    "api ssh deploy access secret ephemeral origin client signing gpg public private encryption service account "
    "storage auth personal server license"
)
#: before `key` they make it one that opens something: `ephemeral_key`, not `custom_field_key`

ACCESS_WORDS = vocabulary("permission permissions acl acls whitelist allowlist blacklist blocklist entitlement collaboration")
#: a segment of the path with one of these, and all below it, is about access

GROUPS = vocabulary("group team organization organisation org workspace role channel conversation usergroup project "
                    "repository account enterprise space tenant community signing_group database")  # fmt: skip
INSIDERS = vocabulary("user member group collaborator admin owner maintainer agent guest team moderator editor viewer actor")
#: who is let into one of `GROUPS`

CREDENTIALS = vocabulary("token key secret credential password apikey jwt passcode")
#: what is issued, as the object of a sentence: "creates a short-lived API key"

ISSUING = vocabulary("create generate issue request obtain provision exchange mint renew refresh rotate regenerate return "
                     "get retrieve reset set revoke invalidate")  # fmt: skip

#: verbs that only mean a matter of rights when it is about one of these
ACCOUNTS = vocabulary(
    "account user employee identity principal login client group person customer app application integration admin "
    "session guest member team_member"
)
ABOUT_ACCOUNTS = vocabulary(
    "enable disable suspend unsuspend deactivate activate reactivate lock unlock block unblock approve restrict "
    "invalidate mute promote demote rotate authorize terminate"
)

RIGHTS = vocabulary(
    "roles permissions scopes is_admin admin is_superuser groups group_ids is_owner privileges permission "
    "access_level role_id role_ids authorization_level is_staff owned_by new_owner can_create_group accessible_by "
    "is_restricted"
)
#: arguments by which a write hands out rights

WRITING = vocabulary(
    "create add new insert post put patch update edit modify change set save store upsert replace rename move "
    "copy assign unassign link unlink attach associate register open close reopen complete finish resolve mark "
    "win lose convert upload tag label star unstar pin unpin follow unfollow subscribe watch start stop pause "
    "resume approve reject accept decline confirm release submit schedule reschedule book reserve merge restore "
    "unarchive undo log record sync hold unhold escalate advance ship fulfill allocate adjust receive "
    "onboard checkin checkout request react vote like rate rank reorder sort snooze transition "
    "comment share finalize issue apply amend toggle duplicate clone fork reboot restart shutdown boot resize rebuild "
    "generate regenerate reset refresh retry rerun initiate instantiate configure upgrade downgrade provision "
    "install deploy rollback revert append detach disconnect connect establish enroll migrate test ping simulate "
    "redeliver unwatch unsubscribe join leave extend perform make give increase decrease increment decrement "
    "acknowledge dismiss rerequest indicate report signal favorite unfavorite publicize conceal unlike commit "
    "recover reprioritize swap split combine place enable disable push pull recycle mirror dispatch rotate launch draft "
    "write begin end enqueue queue play keep pick mutate rescue redeem accumulate deny prepare sanitize enhance decrypt "
    "unfurl see requeue unassociate disassociate unschedule reassign replicate evaluate unapply fill"
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
    "log record mail email sms new rate label tag comment issue key order request schedule book post put patch "
    "store set job script report status health head count check list query search preview estimate export download "
    "review view display message sort rank vote batch bulk reply access call head match test macro command action "
    "process display broadcast mirror trace notification write like draft queue"
)
#: verbs that in a read are things, as often as not

DOUBTFUL = vocabulary(
    "open star watch link follow share copy run import transfer charge purchase deposit fork clone commit merge hold "
    "split launch pull push upgrade deploy backup restore change move end mark invite ship sync checkout upload lock "
    "block transition archive trash amend swap leave join protect mute place fill release rpc clear pin react apply "
    "capture reserve extend topup donate enroll toggle resize swap"
)
#: verbs that in a read may be things: only where the name or the summary says that they are looked at

EFFECTS = PLAIN - READING - THINGS - DOUBTFUL | vocabulary("login logout signin")
#: words that make a GET suspicious wherever they stand as a verb

DOING = (PLAIN - READING - vocabulary("head list")) | vocabulary("trigger verify")
#: verbs that say, at the head of a sentence, that something is done

ENDINGS = vocabulary("logout signout unsubscribe authorize callback signin signup confirm activate verify login exec proxy")
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
    ("approve", "unapprove restrict"), ("restrict", "unrestrict approve"), ("create", "delete remove cancel void expire"),
    ("invite", "kick uninvite"), ("lend", "return"), ("shutdown", "boot"), ("reserve", "release"), ("tag", "untag"),
    ("hide", "unhide show"), ("watch", "unwatch"), ("share", "unshare revoke"), ("associate", "disassociate"),
    ("register", "unregister deregister"), ("allow", "deny"), ("post", "unpost"), ("mark", "unmark"),
)  # fmt: skip
#: a deed and what undoes it, the best first; both ways where the second has no pair of its own
