using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;
using NetArchTest.Rules;

namespace LinuxP2V.Tests.Shared.Architecture;

/// <summary>
/// Which namespace of an assembly may refer to which. Written as a collection initializer, lowest layer first, it reads
/// as the documentation of the assembly. Every namespace may refer to the assembly's root namespace.
/// </summary>
internal sealed class LayerRules(Assembly assembly, string root) : IEnumerable<KeyValuePair<string, IReadOnlyList<string>>>
{
    private readonly List<KeyValuePair<string, IReadOnlyList<string>>> rules = [];
    private readonly Lazy<References> references = new(() => new References(assembly, root));

    public void Add(string layer, params IReadOnlyList<string> mayReferTo) => rules.Add(new(layer, mayReferTo));

    /// <summary>Namespaces without a rule, and rules without a namespace.</summary>
    public IReadOnlyList<string> FindUnlisted()
    {
        var present = references.Value.Namespaces.Where(name => name != References.Root).ToList();
        var listed = rules.Select(rule => rule.Key).ToList();
        return
        [
            .. present.Except(listed).Select(name => $"{name} has no rule"),
            .. listed.Except(present).Select(name => $"{name} has a rule but no type"),
        ];
    }

    /// <summary>Rules that name a layer which does not stand above them in the list.</summary>
    public IReadOnlyList<string> FindUpwardRules() =>
        [
            .. rules.SelectMany(
                (rule, index) =>
                    rule
                        .Value.Except(rules.Take(index).Select(lower => lower.Key))
                        .Select(target => $"{rule.Key} may refer to {target}, which is not listed before it")
            ),
        ];

    /// <summary>References that no rule allows, each with the types that make them.</summary>
    public IReadOnlyList<string> FindForbidden() =>
        [
            .. references
                .Value.All.Where(reference => reference.To != References.Root && !IsAllowed(reference.From, reference.To))
                .Select(reference => $"{reference.From} -> {reference.To}: {string.Join(", ", reference.Types)}"),
        ];

    /// <summary>Permissions that nothing makes use of: they would hide the next cycle.</summary>
    public IReadOnlyList<string> FindUnusedPermissions() =>
        [
            .. rules.SelectMany(rule =>
                rule.Value.Where(target => !references.Value.All.Any(reference => reference.From == rule.Key && reference.To == target))
                    .Select(target => $"{rule.Key} -> {target}")
            ),
        ];

    /// <summary>
    /// Groups of namespaces each of which reaches all others of its group, whatever the rules say. The same is asked of
    /// top folders, which hold several namespaces: Destinations and all below it count as one.
    /// </summary>
    public IReadOnlyList<string> FindCycles() => [.. FindCycles(name => name).Union(FindCycles(name => name.Split('.')[0]))];

    public IEnumerator<KeyValuePair<string, IReadOnlyList<string>>> GetEnumerator() => rules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private bool IsAllowed(string from, string to) => rules.Any(rule => rule.Key == from && rule.Value.Contains(to));

    private IEnumerable<string> FindCycles(Func<string, string> part)
    {
        var steps = references
            .Value.All.Select(reference => (From: part(reference.From), To: part(reference.To)))
            .Where(step => step.From != step.To)
            .ToLookup(step => step.From, step => step.To);
        var reachable = references.Value.Namespaces.Select(part).Distinct().ToDictionary(name => name, name => Reach(name, steps));
        return reachable
            .Keys.Where(name => reachable[name].Contains(name))
            .Select(name =>
                string.Join(" <-> ", reachable.Keys.Where(other => reachable[name].Contains(other) && reachable[other].Contains(name)))
            )
            .Distinct();
    }

    private static HashSet<string> Reach(string start, ILookup<string, string> steps)
    {
        var reached = new HashSet<string>();
        var open = new Queue<string>([start]);
        while (open.TryDequeue(out var name))
        {
            foreach (var next in steps[name].Where(reached.Add))
                open.Enqueue(next);
        }

        return reached;
    }

    /// <summary>One namespace refers to another, through these types of the first.</summary>
    private sealed record Reference(string From, string To, IReadOnlyList<string> Types);

    /// <summary>The references between an assembly's namespaces, as its compiled code has them.</summary>
    private sealed class References
    {
        public const string Root = "(root)";

        public References(Assembly assembly, string root)
        {
            var byNamespace = Types
                .InAssembly(assembly)
                .GetTypes()
                .Select(type => type.FullName)
                .Where(name => name.StartsWith(root + ".", StringComparison.Ordinal))
                .GroupBy(name => name.Substring(0, name.LastIndexOf('.')))
                .ToDictionary(group => group.Key, group => group.ToArray());
            Namespaces = [.. byNamespace.Keys.Select(ShortName).Order(StringComparer.Ordinal)];
            All =
            [
                .. from source in byNamespace.Keys
                from target in byNamespace
                where source != target.Key
                let types = Types
                    .InAssembly(assembly)
                    .That()
                    .ResideInNamespaceMatching($"^{Regex.Escape(source)}$")
                    .And()
                    .HaveDependencyOnAny(target.Value)
                    .GetTypes()
                    .Select(type => type.Name)
                    .ToList()
                where types.Count > 0
                select new Reference(ShortName(source), ShortName(target.Key), types),
            ];

            string ShortName(string name) => name == root ? Root : name.Substring(root.Length + 1);
        }

        public IReadOnlyList<string> Namespaces { get; }

        public IReadOnlyList<Reference> All { get; }
    }
}
