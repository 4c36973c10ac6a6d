namespace LinuxP2V.Lab.Machines;

/// <summary>UEFI for a lab machine: Debian's OVMF with variables of its own.</summary>
internal static class OvmfFirmware
{
    private const string Folder = "/usr/share/OVMF";

    public static IEnumerable<string> Arguments(string machineFolder)
    {
        var variables = Path.Combine(machineFolder, "efivars.fd");
        File.Copy(Path.Combine(Folder, "OVMF_VARS_4M.fd"), variables, overwrite: true);
        return
        [
            "-drive",
            $"if=pflash,format=raw,unit=0,readonly=on,file={Folder}/OVMF_CODE_4M.fd",
            "-drive",
            $"if=pflash,format=raw,unit=1,file={variables}",
        ];
    }
}
