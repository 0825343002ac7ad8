# Which new process takes the place of a gateway and then does not do what it should?
#
# A double: it speaks as far as FAR says ("hello", "prepared", "control") and then says nothing more.
import json
import socket
import struct
import sys
import time

FAR = "@FAR@"
channel = socket.socket(fileno=0)


def say(**message):
    body = b"J" + json.dumps(message).encode()
    channel.sendall(struct.pack("<I", len(body)) + body)


def exactly(count):
    received = b""
    while len(received) < count:
        more = channel.recv(count - len(received))
        if not more:
            sys.exit("the gateway has ended the conversation")
        received += more
    return received


def hear(wanted):
    while True:
        (length,) = struct.unpack("<I", exactly(4))
        message = json.loads(exactly(length)[1:])
        if message["say"] == wanted:
            return


def silence():
    print("the double says nothing more", flush=True)
    time.sleep(600)


if FAR == "nothing":
    silence()
say(say="hello", version=1, process=4711)
hear("offered")
if FAR == "hello":
    sys.exit(3)
say(say="prepared")
hear("control_ended")
say(say="control_started")
hear("released")
silence()
