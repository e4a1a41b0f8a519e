// Package notify carries messages out of the control room: by mail, to a webhook, or to a
// chat or pager service.
//
// Words:
//
//	Message  what is told, once written and under one id
//	Sender   one address: a mailbox, a webhook, a chat
//	Outcome  what came of one try: sent, try again, or refused
//	Parcel   a message under way to one address, with its tries; plain data, kept by whoever
//	         carries it, so that a restart loses none
//
// A message can arrive twice, and then has the same id; that it arrives at all is tried for
// a day. Whatever a server answers is judged by its status, and neither kept nor shown:
// answers and errors of libraries repeat addresses, and addresses of chats are secrets.
package notify
