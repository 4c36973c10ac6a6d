using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;

namespace LinuxP2V.Lab.Demo;

/// <summary>Boots a finished VM alone and holds it against what the source said of itself.</summary>
public static class CopyProof
{
    /// <param name="Boot">From power-on to a login.</param>
    public sealed record Result(IReadOnlyList<ComparedFact> Facts, IReadOnlyList<string> DifferentEntries, TimeSpan Boot)
    {
        public bool IsProven => Facts.Count > 0 && Facts.All(fact => fact.IsRight);

        public IEnumerable<string> Table() =>
            TextTable.Format(
                ["", "source", "copy", "equal"],
                [.. Facts.Select(fact => (string[])[fact.Name, fact.Source, fact.Copy, fact.Verdict])]
            );

        /// <summary>What is wrong, in words.</summary>
        public string Reason() =>
            string.Join(
                '\n',
                Facts
                    .Where(fact => !fact.IsRight)
                    .Select(fact => $"{fact.Name}: source '{fact.Source}', copy '{fact.Copy}' ({fact.Verdict})")
                    .Concat(DifferentEntries)
            );
    }

    /// <param name="machineFolder">The VM's folder.</param>
    /// <param name="keyFile">The key that opened the source.</param>
    /// <param name="folder">For the proof's own files.</param>
    /// <exception cref="LabException">It did not boot, or took no login.</exception>
    public static async Task<Result> RunAsync(
        string machineFolder,
        string keyFile,
        MachineDescription source,
        string folder,
        CancellationToken cancellationToken
    )
    {
        var copy = await ConvertedMachine.StartAsync(machineFolder, keyFile, folder, cancellationToken);
        try
        {
            return await JudgeAsync(copy.Root, await copy.WaitForSshAsync(cancellationToken), source, cancellationToken);
        }
        finally
        {
            await copy.StopAsync();
        }
    }

    /// <summary>Holds a copy that runs against what the source said of itself.</summary>
    /// <param name="hardware">Null: what the product chooses.</param>
    public static async Task<Result> JudgeAsync(
        SshLogin copy,
        TimeSpan boot,
        MachineDescription source,
        CancellationToken cancellationToken,
        VmHardware? hardware = null
    )
    {
        var description = await MachineDescription.ReadAsync(copy, cancellationToken, source.IsWhole);
        var facts = Comparison.Compare(source, description, hardware ?? VmHardware.Chosen);
        return new Result(facts, Comparison.DifferentEntries(source, description), boot);
    }
}
