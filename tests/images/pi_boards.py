"""What QEMU has of Pis: its machine "virt" with a Pi's processor, and a Pi 3."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A machine of QEMU's that a card is put into.

    Attributes:
        name: as tables have it.
        architecture: Debian's name for it.
        emulator: the program and the machine.
        devices: its disk `card`, its network card at `net`, and its serial line at `tty`.
        words: for the kernel, beside those of the card.
        tree: the device tree on the card's first partition that a Pi's firmware takes for it, where
            QEMU makes none itself.
    """

    name: str
    architecture: str
    emulator: tuple[str, ...]
    devices: tuple[str, ...]
    words: str
    tree: str = ""


_VIRT = (
    *("-drive", "file={card},if=none,id=card,format=raw", "-device", "virtio-blk-pci,drive=card"),
    *("-device", "virtio-rng-pci", "-device", "virtio-net-pci,netdev=net"),
    # A busy host makes the guest silent for longer than its watchdog allows.
    *("-device", "i6300esb", "-action", "watchdog=none"),
    *("-serial", "chardev:tty"),
)
_TWO = ("-smp", "2")
_PI_3 = (
    *("-drive", "file={card},if=sd,format=raw"),
    # As the Pi's own, it has an address that is not "locally administered": then it is eth0.
    *("-device", "usb-net,netdev=net,mac=b8:27:eb:00:00:01"),
    # The second line is the one on the pins, which cmdline.txt names.
    *("-serial", "null", "-serial", "chardev:tty"),
)

BOARDS = {
    board.name: board
    for board in (
        Board(
            name="arm64",
            architecture="arm64",
            emulator=("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", *_TWO),
            devices=_VIRT,
            words="console=ttyAMA0 nowatchdog",
        ),
        Board(
            name="armhf",
            architecture="armhf",
            emulator=("qemu-system-arm", "-M", "virt,highmem=off", "-cpu", "cortex-a15", *_TWO),
            devices=_VIRT,
            words="console=ttyAMA0 nowatchdog",
        ),
        Board(
            name="raspi3b",
            architecture="arm64",
            emulator=("qemu-system-aarch64", "-M", "raspi3b"),
            devices=_PI_3,
            # QEMU 7.2 takes the start of the watchdog for its end, and resets the machine.
            words="nowatchdog systemd.watchdog_device=/dev/null module_blacklist=cdc_subset",
            tree="bcm2837-rpi-3-b.dtb",
        ),
    )
}
