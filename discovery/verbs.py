"""The verbs and nouns by which discovery guesses what an operation does. Tables only."""

from __future__ import annotations

from discovery.words import vocabulary

READING = vocabulary(
    "get list read fetch retrieve find search query lookup show view describe browse download export count check "
    "preview validate calculate estimate compare status ping head is has health"
)

ASKING_OR_THING = vocabulary("count estimate list get query")
#: these are also things that are made, or too weak by themselves: the summary must say so too

#: A path that ends in one of these only looks something up, although it is a POST.
ASKING = vocabulary("search query lookup preview validate calculate estimate count list get")

DELETING = vocabulary(
    "delete destroy remove erase purge wipe void cancel terminate archive trash discard expire uninstall drop "
    "offboard prune unpublish clear truncate"
)

MONEY_VERBS = vocabulary("pay charge refund capture payout transfer settle withdraw deposit debit disburse reimburse")

MONEY_NOUNS = vocabulary(
    "payment refund invoice payout transfer charge invoiceitem invoice_item line_item credit_note creditnote "
    "disbursement payment_intent setup_intent subscription subscription_item subscription_schedule bank_transfer "
    "batch_payment bank_transaction prepayment overpayment payroll pay_run payrun payslip salary bill expense "
    "withdrawal deposit journal manual_journal credit balance_transaction topup mandate checkout order_payment "
    "payment_method dispute wallet receipt expense_claim"
)

SENDING = vocabulary("send resend email mail notify remind forward reply broadcast publish sms dispatch_email invite")

MESSAGE_NOUNS = vocabulary(
    "email mail message sms notification reminder campaign newsletter fax call broadcast outbound_message "
    "phone_call chat_message direct_message"
)

PERMISSION_VERBS = vocabulary(
    "grant revoke permit authorize deauthorize enable disable suspend unsuspend deactivate activate reactivate "
    "lock unlock block unblock ban unban promote demote impersonate rotate reset_password add_member "
    "remove_member"
)

PERMISSION_NOUNS = vocabulary(
    "permission role grant scope membership member collaborator password token access_token api_key key secret "
    "credential policy acl entitlement role_assignment group_member access privilege admin ssh_key deploy_key "
    "service_account oauth_client client_secret access_policy access_grant authorization session_token invitation "
    "moderator ownership owner"
)

#: verbs that only mean a matter of rights when it is about one of these
ACCOUNTS = vocabulary("account user employee identity principal login client group person customer")
ABOUT_ACCOUNTS = vocabulary("enable disable suspend unsuspend deactivate activate reactivate lock unlock block unblock")

#: arguments by which a write hands out rights
RIGHTS = vocabulary(
    "roles permissions scopes is_admin admin is_superuser password groups group_ids is_owner privileges "
    "permission access_level role_id role_ids"
)

WRITING = vocabulary(
    "create add new insert post put patch update edit modify change set save store upsert replace rename move "
    "copy assign unassign link unlink attach associate register open close reopen complete finish resolve mark "
    "win lose convert upload tag label star unstar pin unpin follow unfollow subscribe watch start stop pause "
    "resume approve reject accept decline confirm release submit schedule reschedule book reserve merge restore "
    "unarchive undo log record import sync hold unhold escalate advance ship fulfill allocate adjust receive "
    "onboard checkin checkout request react vote like rate rank reorder sort snooze transition "
    "comment share finalize issue apply amend toggle"
)

#: nothing can be said of what these do: they run something else, or many things at once
OPAQUE = vocabulary(
    "batch bulk execute exec run invoke trigger graphql rpc eval command script macro webhook_test proxy import "
    "process action"
)

PLAIN = READING | WRITING | DELETING | MONEY_VERBS | SENDING | PERMISSION_VERBS | OPAQUE | {"reset", "generate"}
#: every verb we know

MODIFIERS = vocabulary("force bulk batch mass auto")
#: before a verb they do not change what it does: `force-cancel`

NOUNS_TOO = vocabulary(
    "log record mail email sms new open rate label tag star watch link call follow share comment issue key copy order "
    "request schedule book"
)
#: in the path or name of a read these are as often things as deeds

EFFECTS = PLAIN - READING - NOUNS_TOO
#: words that make a GET suspicious
