/*
 * Remembers how a visitor came and tells it with the form that they send. No framework, no cookies, no third party.
 * What the data attributes mean stands in sales_pipeline/providers/README.md, "The embed script".
 */
(function () {
    "use strict";

    const script = document.currentScript || document.querySelector('script[src*="/pipeline/embed.js"]');
    if (!script || window.pipelineEmbed) {
        return;
    }
    const CLICK_IDS = [
        "gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "ttclid", "li_fat_id", "twclid", "epik", "rdt_cid",
        "ScCid",
    ];
    const UTM_FIELDS = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];
    const NAMES = [...UTM_FIELDS, ...CLICK_IDS];
    const STORE = "pipeline_journey";
    const DAY = 86400000;
    const lifetime = (Number(script.dataset.days) || 90) * DAY;
    const base = script.src.replace(/\/pipeline\/embed\.js.*$/, "");

    // ---- the journey: {first, last, ref}, a visit being {url, referrer, at}

    let journey = null;

    function isConsented() {
        return !script.dataset.consent || script.dataset.consent === "granted";
    }

    function isDenied() {
        return script.dataset.consent === "denied";
    }

    function load() {
        try {
            const kept = JSON.parse(localStorage.getItem(STORE));
            return kept && kept.first.at && Date.now() - kept.last.at < lifetime ? kept : null;
        } catch {
            return null;
        }
    }

    function store() {
        try {
            if (isConsented()) {
                localStorage.setItem(STORE, JSON.stringify(journey));
            } else if (isDenied()) {
                localStorage.removeItem(STORE);
            }
        } catch {
            // A browser that keeps nothing still sends what this page knows.
        }
    }

    /** Return this page's visit, and whether it is an arrival rather than the next page of the same visit. */
    function readVisit() {
        const known = new URLSearchParams();
        for (const [name, value] of new URLSearchParams(location.search)) {
            if (value && NAMES.some((one) => one.toLowerCase() === name.toLowerCase())) {
                known.append(name, value.slice(0, 512));
            }
        }
        let host = "";
        try {
            host = new URL(document.referrer).hostname;
        } catch {
            // Typed in, or kept back by the page before.
        }
        const plain = (name) => name.replace(/^www\./, "");
        const own = [location.hostname, ...(script.dataset.internal || "").split(/[\s,]+/)].map(plain);
        const referrer = host && !own.includes(plain(host)) ? document.referrer.slice(0, 1024) : "";
        const query = known.toString();
        const url = (location.origin + location.pathname).slice(0, 1024) + (query && "?" + query);
        return [{ url, referrer, at: Date.now() }, Boolean(query || referrer)];
    }

    const [visit, isArrival] = readVisit();

    function remember() {
        journey = (isConsented() && load()) || journey || { first: visit, last: visit };
        const { last } = journey;
        if (isArrival && (last.url !== visit.url || last.referrer !== visit.referrer)) {
            journey.last = visit;
        }
        const ref = new URLSearchParams(location.search).get("ref") || "";
        if (/^[\w-]{4,32}$/.test(ref)) {
            journey.ref = ref;
        }
        store();
    }

    /** Return what goes with a form; ages in seconds, because the clocks of visitors are often wrong. */
    function tell() {
        if (isDenied()) {
            return "";
        }
        const age = ({ url, referrer, at }) => ({
            url, referrer, seconds: Math.max(0, Math.round((Date.now() - at) / 1000)),
        });
        const { first, last, ref } = journey;
        return JSON.stringify({
            first: age(first), last: age(last), ref, fill_seconds: Math.round(performance.now() / 100) / 10,
        });
    }

    // ---- forms

    function isOurs(form) {
        return form.dataset.pipeline === "send" || (form.getAttribute("action") || "").includes("/pipeline/capture/");
    }

    function isWanted(form) {
        if (!(form instanceof HTMLFormElement) || form.dataset.pipeline === "off") {
            return false;
        }
        if (isOurs(form) || "pipeline" in form.dataset) {
            return true;
        }
        // A search, or a login, is nobody's enquiry.
        return script.dataset.forms
            ? form.matches(script.dataset.forms)
            : (form.getAttribute("method") || "").toLowerCase() === "post" && !form.querySelector("[type=password]");
    }

    function getExtras(form) {
        const key = isOurs(form) && (form.dataset.key || script.dataset.key);
        return { pipeline_journey: tell(), ...(key ? { pipeline_key: key } : {}) };
    }

    function addField(form, name) {
        const field = document.createElement("input");
        field.type = "hidden";
        field.name = name;
        form.append(field);
        return field;
    }

    /** A field that people do not see and robots fill in. */
    function addTrap(form) {
        const trap = addField(form, "pipeline_website");
        trap.type = "text";
        trap.tabIndex = -1;
        trap.autocomplete = "off";
        trap.setAttribute("aria-hidden", "true");
        trap.style.cssText = "position:absolute;left:-9999px;width:1px;height:1px";
    }

    function fill(form) {
        if (!isWanted(form)) {
            return;
        }
        for (const [name, value] of Object.entries(getExtras(form))) {
            const field = form.elements[name] || addField(form, name);
            // The attribute too: a form that is reset falls back to it.
            field.setAttribute("value", value);
            field.value = value;
        }
        if (isOurs(form) && !form.elements.pipeline_website) {
            addTrap(form);
        }
        if (!isDenied()) {
            fillNamed(form);
        }
    }

    /** Fields that the page's author named after a parameter are filled with the last touch. */
    function fillNamed(form) {
        const { url, referrer } = journey.last;
        const found = { page_url: url, referrer };
        for (const [name, value] of new URL(url).searchParams) {
            found[name.toLowerCase()] = value;
        }
        for (const name of [...NAMES, "page_url", "referrer"]) {
            const field = form.elements[name];
            if (field && field.type === "hidden" && !field.value) {
                field.value = found[name.toLowerCase()] || "";
            }
        }
    }

    // ---- sending by fetch: <form data-pipeline="send">

    function say(form, kind) {
        const marker = `data-pipeline-${kind}`;
        form.querySelectorAll("[data-pipeline-success], [data-pipeline-error]").forEach((box) => (box.hidden = true));
        let box = form.querySelector(`[${marker}]`);
        if (!box) {
            box = document.createElement("p");
            box.setAttribute(marker, "");
            form.append(box);
        }
        if (!box.textContent.trim()) {
            box.textContent = form.dataset[kind] || script.dataset[kind] || {
                success: "Thank you. We received your message and will get back to you soon.",
                error: "This could not be sent. Nothing you wrote is lost: please try again in a moment.",
            }[kind];
        }
        box.setAttribute("role", kind === "success" ? "status" : "alert");
        box.hidden = false;
        form.dispatchEvent(new CustomEvent(`pipeline:${kind}`, { bubbles: true }));
    }

    async function send(form) {
        if (form.getAttribute("aria-busy") === "true") {
            return;
        }
        form.setAttribute("aria-busy", "true");
        const data = {};
        for (const [name, value] of new FormData(form)) {
            if (typeof value === "string" && value) {
                data[name] = data[name] ? `${data[name]}, ${value}` : value;
            }
        }
        const token = form.dataset.source || script.dataset.source || "";
        const address = token ? `${base}/pipeline/capture/${encodeURIComponent(token)}` : form.getAttribute("action");
        let isSent = false;
        try {
            const answer = await fetch(address, {
                method: "POST", headers: { "Content-Type": "application/json" }, credentials: "omit",
                body: JSON.stringify(data),
            });
            isSent = answer.ok;
        } catch {
            // No network, or a page that may not send here: said below.
        }
        form.removeAttribute("aria-busy");
        if (isSent) {
            form.reset();
        }
        say(form, isSent ? "success" : "error");
        if (isSent && form.dataset.redirect) {
            location.assign(form.dataset.redirect);
        }
    }

    // ---- listening, so that forms which come later are met as well

    function onTouched(event) {
        const { target } = event;
        const form = target.form || (target.closest && target.closest("form"));
        if (form) {
            fill(form);
        }
    }

    remember();
    for (const kind of ["focusin", "click", "submit"]) {
        document.addEventListener(kind, onTouched, true);
    }
    document.addEventListener("formdata", (event) => {
        if (isWanted(event.target)) {
            Object.entries(getExtras(event.target)).forEach((extra) => event.formData.set(...extra));
        }
    });
    document.addEventListener("submit", (event) => {
        if (event.target.dataset.pipeline === "send" && !event.defaultPrevented) {
            event.preventDefault();
            send(event.target);
        }
    });
    const fillAll = () => Array.from(document.forms).forEach(fill);
    fillAll();
    document.addEventListener("DOMContentLoaded", fillAll);
    // A consent tool sets data-consent of the script's tag to "granted" or "denied" at any time.
    new MutationObserver(remember).observe(script, { attributes: true, attributeFilter: ["data-consent"] });
    window.pipelineEmbed = { tell, fill };
})();
