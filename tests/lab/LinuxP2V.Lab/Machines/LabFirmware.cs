namespace LinuxP2V.Lab.Machines;

public enum LabFirmware
{
    Bios,
    Uefi,
}
