using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;

namespace LinuxP2V.Lab.Demo;

/// <summary>Boots a finished conversion's VM alone and holds it against what the source said of itself.</summary>
public static class CopyProof
{
    private static readonly string[] s_diskPatterns = ["*.qcow2", "*.raw", "*.vmdk"];

    /// <param name="Boot">From power-on to a login.</param>
    public sealed record Result(IReadOnlyList<ComparedFact> Facts, IReadOnlyList<string> DifferentEntries, TimeSpan Boot)
    {
        public bool IsProven => Facts.Count > 0 && Facts.All(fact => fact.IsRight);

        public IEnumerable<string> Table() => TextTable.Format(
            ["", "source", "copy", "equal"], [.. Facts.Select(fact => (string[])[fact.Name, fact.Source, fact.Copy, fact.Verdict])]);

        /// <summary>What is wrong, in words.</summary>
        public string Reason() => string.Join(
            '\n',
            Facts.Where(fact => !fact.IsRight)
                .Select(fact => $"{fact.Name}: source '{fact.Source}', copy '{fact.Copy}' ({fact.Verdict})")
                .Concat(DifferentEntries));
    }

    /// <param name="machineFolder">Holds the disks; their names are in the order of the VM's disks.</param>
    /// <param name="folder">For the proof's own files.</param>
    /// <exception cref="LabException">It did not boot, or took no login.</exception>
    public static async Task<Result> RunAsync(
        string machineFolder,
        IReadOnlyList<string> macAddresses,
        SourceImage image,
        MachineDescription source,
        string folder,
        CancellationToken cancellationToken)
    {
        var copy = await ConvertedMachine.StartAsync(
            image.Firmware, Disks(machineFolder), macAddresses, image.KeyFile, folder, cancellationToken);
        try
        {
            var boot = await copy.WaitForSshAsync(cancellationToken);
            var description = await MachineDescription.ReadAsync(copy.Root, cancellationToken);
            return new Result(Comparison.Compare(source, description), Comparison.DifferentEntries(source, description), boot);
        }
        finally
        {
            await copy.StopAsync();
        }
    }

    private static List<string> Disks(string folder)
    {
        var disks = s_diskPatterns.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern)).Order(StringComparer.Ordinal).ToList();
        return disks.Count > 0 ? disks : throw new LabException($"There is no disk in {folder}.");
    }
}
