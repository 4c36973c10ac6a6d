using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace LinuxP2V.Tests.Shared.Distributions;

/// <summary>
/// Stand-ins for programs of a copy: shell scripts that note how they are called, refuse options that the program's
/// documentation does not list, and make of their files what the plan waits for.
/// </summary>
internal static class StandIn
{
    /// <summary>A static busybox in the copy runs them.</summary>
    public const string Shell = "/stand-in/busybox";

    /// <summary>A line for each call.</summary>
    public const string Calls = "/stand-in/calls";

    private const string Start = """
        #!/stand-in/busybox sh
        PATH=/stand-in
        name=${0##*/}
        fail() { echo "$name: $1" >&2; exit 1; }
        line=$name
        for word; do case $word in *[!A-Za-z0-9/._:=+-]* | '') line="$line '$word'" ;; *) line="$line $word" ;; esac; done
        echo "$line" >>/stand-in/calls
        operands=

        """;

    /// <summary>Values are kept as v_NAME, by the option's longest name.</summary>
    private const string Loop = """
        while [ $# -gt 0 ]; do
          case $1 in
            --*=*)
              values "${1%%=*}" || fail "unrecognized option '$1'"
              [ "$count" -gt 0 ] || fail "option '${1%%=*}' doesn't allow an argument"
              eval "v_$key=\${1#*=}" ;;
            -?*)
              values "$1" || fail "unrecognized option '$1'"
              [ $# -gt "$count" ] || fail "option '$1' requires an argument"
              if [ "$count" = 0 ]; then eval "v_$key=yes"; else eval "v_$key=\$2"; shift "$count"; fi ;;
            *) operands="$operands $1" ;;
          esac
          shift
        done
        # An initramfs for a kernel, with these modules and programs.
        make_image() {
          image=$1 version=$2 work=$(mktemp -d)
          mkdir -p "$work/usr/lib/modules/$version" "$work/usr/sbin"
          : >"$work/init"
          for module in $3; do : >"$work/usr/lib/modules/$version/$module.ko"; done
          for program in $4; do : >"$work/usr/sbin/$program"; done
          (cd "$work" && find init usr | cpio -o -H newc 2>/dev/null) >"$image"
          rm -r "$work"
        }

        """;

    private static readonly Dictionary<string, string> Actions = new(StringComparer.Ordinal)
    {
        ["accept"] = "",
        ["cat"] = "cat\n",
        // Without being asked for them it packs no drivers, as one for other hardware does.
        ["dracut"] = """
            set -- $operands
            [ $# = 2 ] || fail 'an image and a kernel are needed'
            [ ! -e "$1" ] || [ -n "$v_force" ] || fail "will not override existing initramfs ($1) without --force"
            make_image "$1" "$2" "$v_add_drivers" "$v_add"

            """,
        ["mkinitcpio"] = """
            modules=$(sed -n 's/^MODULES+*=[("]*\([^)"]*\).*/\1/p' /etc/mkinitcpio.conf)
            make_image "$v_generate" "$v_kernel" "$modules" ''

            """,
        ["update-initramfs"] = """
            [ -n "$v_u$v_c" ] || fail 'You must specify at least one of -c, -u, or -d.'
            modules=$(sed 's/#.*//' /etc/initramfs-tools/modules)
            programs=
            [ ! -e /usr/sbin/lvm ] || programs=lvm
            make_image "/boot/initrd.img-$v_k" "$v_k" "$modules" "$programs"

            """,
        ["grub-mkconfig"] = """
            . /etc/default/grub
            words="root=ROOT ro $GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT"
            [ "$refuses" != "$v_output" ] || [ ! -s "$v_output" ] || fail "Running \`$name -o $v_output' will overwrite the GRUB wrapper."
            if [ -z "$v_no_grubenv_update" ]; then
              [ -z "$v_update_bls_cmdline" ] || sets=entries
              [ "$sets" != entries ] || sed -i "s/^options.*/options $words/" /boot/loader/entries/*.conf
              [ "$sets" != environment ] || sed -i "s/^kernelopts=.*/kernelopts=$words/" /boot/grub2/grubenv
            fi
            cat /stand-in/grub.cfg >"$v_output"

            """,
    };

    /// <param name="name">A file of the folder Tools.</param>
    public static string Script(string name)
    {
        var lines = File.ReadAllLines(PathOf(name))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' '))
            .ToList();
        var script = new StringBuilder(Start).AppendLine("values() {").AppendLine("  case $1 in");
        foreach (var line in lines.Where(line => line[0][0] == '-'))
        {
            var names = line.Where(word => word[0] == '-').ToList();
            var key = names[^1].TrimStart('-').Replace('-', '_');
            script
                .Append(CultureInfo.InvariantCulture, $"    {string.Join(" | ", names)}) key={key} count=")
                .Append(CultureInfo.InvariantCulture, $"{line.Count(word => word == "VALUE")} ;;")
                .AppendLine();
        }

        script.AppendLine("    *) return 1 ;;").AppendLine("  esac").AppendLine("}").Append(Loop);
        foreach (var line in lines.Where(line => line[0] is "sets" or "refuses"))
            script.Append(CultureInfo.InvariantCulture, $"{line[0]}={line[1]}").AppendLine();

        return script.Append(Actions[lines.Single(line => line[0] == "as")[1]]).ToString();
    }

    private static string PathOf(string name, [CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, "Tools", name);
}
